"""Ternary weights with an optimal number of nonzeros for each neuron.

Alemdar et al., "Ternary Neural Networks for Resource-Efficient AI Applications", 2016 (arXiv
1609.00222), section 2: a neuron keeps its p largest positive and its q largest negative weights; a
student's counts and thresholds are chosen so that its outputs agree with its teacher's."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..pe import Element, ShiftAdd
from .scheme import Codes, Scheme, by_row, scales
from .ternary import TRIT

__all__ = ["Student", "Tnn"]


class Student(NamedTuple):
    """One neuron: trits (inputs,), and the thresholds of its outputs +1 (s > high) and -1 (s <
    low)."""

    trits: np.ndarray
    high: int
    low: int
    agreement: float
    """Fraction of the samples on which it fires like the teacher."""


@dataclass(frozen=True)
class Tnn(Scheme):
    """Ternary weights. Without a teacher, each neuron has the counts of least squared error and one
    scale."""

    name = "tnn"
    family = "shift and add"
    multiplier_free = True
    citation = "Alemdar et al., Ternary Neural Networks, 2016, arXiv 1609.00222"

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Keeps the number of largest weights with the least squared error."""
        rows = by_row(w, per_channel)
        size = np.abs(rows)
        inputs: int = size.shape[1]
        order = np.argsort(-size, axis=1, kind="stable")
        sums = np.cumsum(np.take_along_axis(size, order, 1), axis=1)
        count = (sums**2 / np.arange(1, inputs + 1)).argmax(1)[:, None]
        rank = np.argsort(order, axis=1, kind="stable")
        codes = TRIT.encode(np.zeros(w.shape), w < 0, ((rank <= count) & (size > 0)
                                                       ).reshape(w.shape))
        scale = np.take_along_axis(sums, count, 1)[:, 0] / (count[:, 0] + 1)
        return Codes(codes.astype(np.uint8), scales(np.where(scale > 0, scale, 1.0), per_channel))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects one term without a shift: a mask and a complement."""
        return ShiftAdd((TRIT,))

    def distil(self, w: np.ndarray, x: np.ndarray, fired: np.ndarray) -> Student:
        """Finds the student of one neuron that agrees most with its teacher.

        Every pair of counts is tried, and for each the best pair of thresholds.

        Parameters
        ----------
        w : the neuron's real weights (inputs,)
        x : sample inputs, integers (samples, inputs)
        fired : the teacher's outputs -1, 0 or 1, (samples,)
        """
        up, down = np.argsort(-w, kind="stable"), np.argsort(w, kind="stable")
        best = Student(np.zeros(len(w), np.int64), 0, 0, -1.0)
        for p in range(int((w > 0).sum()) + 1):
            for q in range(int((w < 0).sum()) + 1):
                trits = np.zeros(len(w), np.int64)
                trits[up[:p]], trits[down[:q]] = 1, -1
                high, low, agreement = _thresholds(x @ trits, fired)
                if agreement > best.agreement:
                    best = Student(trits, high, low, agreement)
        return best


def _thresholds(sums: np.ndarray, fired: np.ndarray) -> tuple[int, int, float]:
    """Finds the best thresholds for ``sums`` (samples,), low <= high + 1; both comparisons are
    strict."""
    least: int = sums.min()
    most: int = sums.max()
    places = np.arange(least - 1, most + 2)
    right_up = np.array([((sums > t) & (fired > 0)).sum() - ((sums > t) & (fired == 0)).sum()
                         for t in places])
    right_down = np.array([((sums < t) & (fired < 0)).sum() - ((sums < t) & (fired == 0)).sum()
                           for t in places])
    gain = np.where(places[None] <= places[:, None] + 1, right_up[:, None] + right_down[None],
                    -len(sums) - 1)
    high, low = np.unravel_index(gain.argmax(), gain.shape)
    found = np.where(sums > places[high], 1, np.where(sums < places[low], -1, 0))
    return int(places[high]), int(places[low]), float((found == fired).mean())

"""Alternating multi-bit quantization: scales and signs of several planes improved alternately.

Xu et al., "Alternating Multi-bit Quantization for Recurrent Neural Networks", 2018 (arXiv
1802.00150), algorithm 2: scales by least squares, then each weight takes the signs whose sum of
scales is nearest; two rounds from the greedy start.
"""

from dataclasses import dataclass

import numpy as np

from ..pe import BitPlanes, Element
from .scheme import Codes, Scheme, by_row
from .sketch import least_squares, sketched, to_codes

__all__ = ["Alternating", "alternated"]


@dataclass(frozen=True)
class Alternating(Scheme):
    """``planes`` of signs; the table holds their scales as integers of ``entry_bits`` bits."""

    name = "alternating"
    family = "bit planes"
    citation = "Xu et al., Alternating Multi-bit Quantization, 2018, arXiv 1802.00150"

    planes: int = 2
    rounds: int = 2
    entry_bits: int = 8

    def __post_init__(self):
        if not 1 <= self.planes <= 4:
            raise ValueError(f"There must be 1 to 4 planes, not {self.planes!r}")

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Approximates greedily as ``sketch`` does, then improves scales and signs for ``rounds``
        rounds."""
        scale, signs = alternated(by_row(w, per_channel), self.planes, self.rounds)
        return to_codes(w, scale, signs, self.entry_bits, per_channel)

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects planes of signs whose sums stay separate."""
        return BitPlanes(self.planes, export="weights")

    def factors(self, outputs: int, table: np.ndarray | None = None) -> np.ndarray:
        """Returns the planes' scales, (outputs, planes)."""
        assert table is not None
        return np.broadcast_to(table, (outputs, self.planes))

    def tables(self, codes: np.ndarray) -> list[tuple[int, ...]]:
        """Returns the shapes of the table: the planes' scales, one set for all outputs or one for
        each output."""
        return [(self.planes,), (len(codes), self.planes)]


def alternated(w: np.ndarray, planes: int, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Approximates rows of real numbers by ``planes`` scaled planes of signs.

    Parameters
    ----------
    w : real numbers (rows, any)
    planes : planes of signs
    rounds : alternations of least squares and nearest sums

    Returns scales (rows, planes) and signs -1.0 or 1.0 (rows, planes, any).
    """
    scale, signs = sketched(w, planes, "direct")
    every = 2.0 * (np.arange(1 << planes)[:, None] >> np.arange(planes) & 1) - 1
    for _ in range(rounds):
        scale = least_squares(w, signs)
        nearest = np.abs(w[:, :, None] - (scale @ every.T)[:, None]).argmin(2)
        signs = every[nearest].swapaxes(1, 2)
    return scale, signs

"""The interface of a processing element: gates that turn a row of codes and activations into sums.

The families are ``BitPlanes``, ``Digits``, ``ShiftAdd``, ``Multiply``, ``Floats``, ``Logs``,
``Bins`` and ``Tables``; a scheme selects one and sets its parameters. The gates' sum may differ
from the exact sum by the *rest*, which depends on the weights alone. The accumulator starts at the
rest, so the correction costs no logic."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from ..exact.formats import Wire
from ..exact.num import Int
from .gates import array

if TYPE_CHECKING:
    from amaranth.hdl import Value

    from ..tools.hdl import ArrayLayout

__all__ = ["Element"]


class Element(ABC):
    """The gates of one processing element; subclasses are frozen dataclasses."""

    bits: int
    """Bits of one code."""
    group: int = 1
    """Inputs covered by one code."""
    parts: int = 1
    """Sums of an output; factors multiply them after the accumulators."""
    chained: bool = False
    """Whether each sum is a carry chain of its own; otherwise synthesis may merge sums."""

    @property
    def codes(self) -> np.ndarray:
        """Every code in use, (codes,)."""
        return np.arange(1 << self.bits)

    @abstractmethod
    def weights(self, codes: np.ndarray) -> np.ndarray:
        """Decodes codes (rows, codes) to integer weights, int64 (rows, parts, inputs)."""

    @abstractmethod
    def dot(self, x: "list[Value]", w: "list[Value]") -> "list[Value]":
        """Builds the gates: ``parts`` sums over the lanes, each without its rest.

        ``x`` holds the shared values of ``common``, ``w`` one code for each group of lanes.
        """

    # -- defaults; a family overrides only those it changes

    def rest(self, codes: np.ndarray, x: Wire) -> np.ndarray:
        """Computes exact minus computed sums for codes (rows, codes) and activations ``x``, (rows,
        parts)."""
        return np.zeros((len(codes), self.parts), np.int64)

    def term(self, x: Wire) -> Int:
        """Computes the interval of one code's term in a sum, for activations ``x``."""
        codes = self.codes.reshape(-1, 1)
        weights, rest = self.weights(codes), self.rest(codes, x)
        ends = [np.minimum(weights * x.value.lo, weights * x.value.hi).sum(2) - rest,
                np.maximum(weights * x.value.lo, weights * x.value.hi).sum(2) - rest]
        return Int(int(ends[0].min()), int(ends[1].max()))

    def total(self, x: Wire, lanes: int) -> Int:
        """Computes the interval of a sum over ``lanes`` activations ``x``."""
        return self.term(x).times(lanes // self.group)

    def row(self, lanes: int) -> "ArrayLayout":
        """Lays out the codes that one element reads in a cycle, for ``lanes`` activations."""
        return array(self.bits, lanes // self.group)

    def common_layout(self, x: Wire, lanes: int) -> "ArrayLayout":
        """Lays out the values that ``common`` makes from ``lanes`` activations of format ``x``."""
        return array(x.shape, lanes)

    def common(self, x: "list[Value]", shared: "list[Value]") -> "list[Value]":
        """Builds the logic that all elements of a tile share: by default the activations
        themselves.

        ``x`` holds the activations, ``shared`` the constants of ``shared``; both one value a lane.
        """
        return x

    def stored(self, codes: np.ndarray) -> np.ndarray:
        """Makes the codes that lie in memory from those of a beat, (..., codes)."""
        return codes

    def received(self, x: "list[Value]", first: int = 0) -> "list[Value]":
        """Builds the activations that lie in memory, and that ``common`` reads, from those of a
        beat's lanes from ``first`` on; a ``first`` lane above 0 has its result already."""
        return x

    def suited(self, outputs: int) -> "Element":
        """Selects the cheapest gates for a tile of ``outputs`` elements; the sums are the same."""
        return self

    def shared(self, inputs: int) -> tuple[np.ndarray, Int] | None:
        """Returns the constants that arrive with the activations, (inputs, constants an input), and
        their interval; None if the family has none."""
        return None

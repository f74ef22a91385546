"""Functions of one element: monotone ones, which pull cuts back, and others, which need a table."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..exact.cuts import AnyCut
from ..exact.num import Rounding
from .real import Elementwise, Monotone

__all__ = ["Clamp", "Divide", "Function", "LeakyRelu", "Round"]


@dataclass(frozen=True)
class LeakyRelu(Monotone):
    """``x`` for x >= 0, otherwise ``slope * x``.

    ``slope`` has one number for each channel, or one for all; each is at least 0."""

    kind = "leaky_relu"

    slope: tuple[Fraction, ...]

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return np.where(x >= 0, x, np.array(self.slope, np.float64) * x)

    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        return cut.through_leaky(self.slope[channel % len(self.slope)])


@dataclass(frozen=True)
class Clamp(Monotone):
    """``min(max(x, lo), hi)``; a limit that is None does not apply."""

    kind = "clamp"
    alike = True

    lo: Fraction | None = None
    hi: Fraction | None = None

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return np.clip(x, -np.inf if self.lo is None else float(self.lo),
                       np.inf if self.hi is None else float(self.hi))

    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        return cut.through_clamp(self.lo, self.hi)


@dataclass(frozen=True)
class Divide(Monotone):
    """A number divided by a positive integer and rounded towards 0, as C and ONNX do it."""

    kind = "divide"
    alike = True

    divisor: int

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return np.trunc(x / self.divisor)

    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        return cut.through_division(self.divisor)


@dataclass(frozen=True)
class Round(Monotone):
    """A number rounded to an integer."""

    kind = "round"
    alike = True

    rounding: Rounding

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return self.rounding.real(x)

    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        return cut.through_rounding(self.rounding)


@dataclass(frozen=True)
class Function(Elementwise):
    """A function in floating point, such as a sigmoid; before a quantizer it becomes a table, or
    thresholds if it ``rises``, which says that it never falls.

    Each output element depends on one input element alone, because the table has one index."""

    kind = "function"

    name: str
    function: Callable[[np.ndarray], np.ndarray]
    rises: bool = False

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        with np.errstate(all="ignore"):     # beyond floats it is infinite, or no number
            return self.function(x)

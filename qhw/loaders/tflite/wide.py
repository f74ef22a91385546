"""Functions of 16-bit codes in the integers of the reference kernels.

The kernels have tables of 513 entries, or 256 entries for a sigmoid, and interpolate between them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import log2

import numpy as np

from ...exact.num import Int, Rounding
from ...exact.sigmoid import sums
from ...layers.rescale import fixed_point, rescaled
from .fixed import leading_zeros
from .kernels import fitting
from .values import Coding, Unsupported

__all__ = ["WideCurve", "WideSoftmax"]

LEAST, LARGEST = -(1 << 15), (1 << 15) - 1
SPAN = np.float32(LARGEST - LEAST)


def _table(scale: np.float32, zero: int, function: Callable[[np.ndarray], np.ndarray]
           ) -> np.ndarray:
    """A kernel's table of a function, in single precision; the codes made have the scale 2 / 65535.

    Between two entries the middle is interpolated; half of its error moves the first.
    """
    nearest = Rounding.HALF_AWAY.real
    ends = [scale * np.float32(n - zero) for n in (LEAST, LARGEST)]
    step = np.float32((ends[1] - ends[0]) / 512)
    out = np.float32(2) / SPAN
    inverse = np.float32(65536) / (out * np.float32(LARGEST) - out * np.float32(LEAST))
    k = np.arange(512, dtype=np.float32)
    first = function(ends[0] + k * step) * inverse
    middle = function(ends[0] + k * step + step / np.float32(2)) * inverse
    after = function(ends[0] + (k + np.float32(1)) * step) * inverse
    off = nearest((after + nearest(first)) / np.float32(2)) - nearest(middle)
    last = nearest(function(np.array(ends[1:])) * inverse)
    found = np.append(nearest(first) - nearest(off / 2), last)
    return np.clip(found, LEAST, LARGEST).astype(np.int64)


@cache
def _tables() -> tuple[np.ndarray, np.ndarray]:
    """Of exp(x) from -10 to 0, and of 1 / (1 + x) from 0 to 1."""
    return (_table(np.float32(10) / SPAN, LARGEST, np.exp),
            _table(np.float32(1) / SPAN, LEAST, lambda x: np.float32(1) / (np.float32(1) + x)))


def _looked_up(table: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The table's values at codes, between its entries on a line."""
    k, part = 256 + (x >> 7), x & 127
    return table[k] + ((table[k + 1] - table[k]) * part + 64 >> 7)


@dataclass(frozen=True)
class WideSoftmax:
    """``exp(x) / sum(exp(x))`` over the last dimension, of 16-bit codes."""

    beta: float
    x: Coding
    y: Coding

    def __post_init__(self) -> None:
        fitting(self._scale, LARGEST - LEAST)

    @property
    def _scale(self) -> float:
        """From codes to those of the table."""
        return float(self.x.scale) * self.beta / (10.0 / 65535.0)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        multiplier, shift = fixed_point(self._scale)
        powers, inverse = _tables()
        below = (x - x.max(axis=-1, keepdims=True)).astype(np.int64)
        place = np.clip(rescaled(below, multiplier, shift) + LARGEST, LEAST, LARGEST)
        found = _looked_up(powers, place)
        total = found.sum(axis=-1, keepdims=True)
        zeros = leading_zeros(total)
        mantissa = ((total << zeros - 1) + (1 << 13) >> 14) - (1 << 15) - (1 << 16)
        scale = _looked_up(inverse, np.clip(mantissa, LEAST, LARGEST))
        right = 31 - zeros
        made = found * scale + (1 << right - 1) >> right
        return np.clip(made, 0, LARGEST).astype(np.float64)


ENTRIES = 255
"""The table's last entry; behind it curves are constant."""


@dataclass(frozen=True)
class WideCurve:
    """A sigmoid or hyperbolic tangent of 16-bit codes.

    Codes are scaled to steps, of which there are ``2**bits`` from one entry of the table to the
    next."""

    function: str
    x: Coding
    y: Coding

    def __post_init__(self) -> None:
        if self.x.zero or self.y.zero or round(log2(self.y.scale)) != -15:
            raise Unsupported(f"{self.function} of 16 bits has zero points of 0, and the scale "
                              f"1 / 32768 behind it")
        if float(self.x.scale) >= 16 / 3:
            raise Unsupported(f"its input's scale {self.x.scale} is too large for the kernel")

    @property
    def bits(self) -> int:
        """The bits of a step of the table."""
        return 9 if self.function == "LOGISTIC" else 8

    @property
    def dropped(self) -> int:
        """The bits that are rounded off the numbers between the table's entries."""
        return 10 if self.function == "LOGISTIC" else 8

    @property
    def steps(self) -> tuple[int, int]:
        """A multiplier that makes codes steps of 1 / (3 * 4096), and the bits dropped behind it,
        rounded half up."""
        power = log2(self.x.scale)
        left = 12 + round(power)
        if abs(power - round(power)) < 1e-3 and left in (
                (0,) if self.function == "LOGISTIC" else (0, 1)):
            return 3 << left, 0
        multiplier, left = float(self.x.scale) * 4096.0 * 3.0, 0
        while multiplier <= 32767.0 / 2 and left <= 30:
            multiplier, left = multiplier * 2, left + 1
        return int(multiplier), left

    @property
    def codes(self) -> Int:
        """The codes that it makes."""
        return Int(1 if self.function == "LOGISTIC" else -LARGEST, LARGEST)

    def scaled(self, x: np.ndarray) -> np.ndarray:
        """Computes the steps of codes of any shape, and saturates them where the table ends."""
        (multiplier, drop), most = self.steps, ENTRIES << self.bits
        return (x.astype(np.int64) * multiplier + (1 << drop >> 1) >> drop).clip(-most, most)

    def lines(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Computes the lines from some entries of the table to the next.

        Parameters
        ----------
        first, last : numbers of the first and the last entry, from -255 to 255

        Returns
        -------
        For each line the number at its entry, less half of the part rounded off, and the rise of a
        step, (entries,) each. From the entry 255 on there is no rise."""
        starts = np.arange(first, last + 1) << self.bits
        one, two = (self._sums(starts + k) for k in (1, 2))
        ends = starts == ENTRIES << self.bits
        rise = np.where(ends, 0, two - one)
        return np.where(ends, self._sums(starts), one - rise) - (1 << self.dropped - 1), rise

    def _sums(self, x: np.ndarray) -> np.ndarray:
        """The numbers before rounding at steps of any shape."""
        return sums(x, logistic=self.function == "LOGISTIC")

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return (self._sums(self.scaled(x)) >> self.dropped).astype(np.float64)

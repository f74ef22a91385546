"""Exact integers: the interval that gives every signal its shape, and rounding in one place."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from amaranth.hdl import Shape

__all__ = ["BIT", "Int", "Rounding", "round_shift"]


@dataclass(frozen=True, slots=True)
class Int:
    """An interval: every integer from ``lo`` to ``hi``, both included. ValueError if it is empty.
    """

    lo: int
    hi: int

    def __post_init__(self) -> None:
        if self.lo > self.hi:
            raise ValueError(f"Interval must not be empty, got {self.lo}..{self.hi}")

    @classmethod
    def of_bits(cls, bits: int, *, signed: bool, narrow: bool = False) -> "Int":
        """Makes the interval of ``bits`` bits, two's complement if ``signed``; ``narrow`` leaves
        out the lowest integer."""
        lo, hi = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        return cls(lo + narrow, hi)

    @classmethod
    def of(cls, values: np.ndarray) -> "Int":
        """Makes the smallest interval that contains all ``values``, integers of any shape."""
        return cls(int(values.min()), int(values.max()))

    @property
    def shape(self) -> "Shape":
        """Amaranth's shape: ``width`` bits, signed if ``lo`` is negative."""
        from amaranth.hdl import Shape
        return Shape(self.width, signed=self.lo < 0)

    @property
    def width(self) -> int:
        """Bits on a wire; at least one, so that no port vanishes."""
        if self.lo < 0:
            return max(self.hi.bit_length(), (~self.lo).bit_length(), 1) + 1
        return max(self.hi.bit_length(), 1)

    @property
    def size(self) -> int:
        """The largest magnitude, max(|lo|, |hi|)."""
        return max(abs(self.lo), abs(self.hi))

    @property
    def value(self) -> "Int":
        """The interval itself, the counterpart of ``Coded.value``."""
        return self

    def __str__(self) -> str:
        return f"{self.lo}..{self.hi}"

    def __add__(self, other: "Int") -> "Int":
        return Int(self.lo + other.lo, self.hi + other.hi)

    def __mul__(self, other: "Int") -> "Int":
        corners = [a * b for a in (self.lo, self.hi) for b in (other.lo, other.hi)]
        return Int(min(corners), max(corners))

    def __or__(self, other: "Int") -> "Int":
        return Int(min(self.lo, other.lo), max(self.hi, other.hi))

    def times(self, n: int) -> "Int":
        """Computes the interval of the sum of ``n`` such integers."""
        return Int(n * self.lo, n * self.hi)

    def nearest(self, n: int) -> int:
        """Clamps ``n`` to the interval."""
        return min(max(n, self.lo), self.hi)

    def check(self, values: np.ndarray, what: str = "Values") -> np.ndarray:
        """Returns ``values``, integers of any shape; ValueError, with ``what`` as their name, if
        one of them is outside."""
        if values.size:
            lo, hi = int(values.min()), int(values.max())
            if lo < self.lo or hi > self.hi:
                raise ValueError(f"{what} must be in {self}, not {lo}..{hi}")
        return values


BIT = Int(0, 1)
"""The interval of one bit."""


class Rounding(StrEnum):
    """The rule from real numbers to integers; the first four differ only on ties."""

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    HALF_AWAY = "half-away"
    HALF_ZERO = "half-zero"
    FLOOR = "floor"
    CEIL = "ceil"
    AWAY = "away"
    ZERO = "zero"

    def real(self, x: np.ndarray) -> np.ndarray:
        """Rounds real numbers of any shape, in floating point."""
        match self:
            case Rounding.HALF_UP:
                return np.floor(x + 0.5)
            case Rounding.HALF_EVEN:
                return np.rint(x)
            case Rounding.HALF_AWAY:
                return np.copysign(np.floor(np.abs(x) + 0.5), x)
            case Rounding.HALF_ZERO:
                return np.copysign(np.ceil(np.abs(x) - 0.5), x)
            case Rounding.FLOOR:
                return np.floor(x)
            case Rounding.CEIL:
                return np.ceil(x)
            case Rounding.AWAY:
                return np.copysign(np.ceil(np.abs(x)), x)
            case Rounding.ZERO:
                return np.trunc(x)

    def reaches(self, k: int) -> tuple[Fraction, bool]:
        """Computes the threshold (t, strict) at which rounded numbers reach ``k``.

        x rounds to at least ``k`` exactly if ``x >= t``, or ``x > t`` if strict.
        """
        half = Fraction(1, 2)
        match self:
            case Rounding.HALF_UP:
                return k - half, False
            case Rounding.HALF_EVEN:
                return k - half, k % 2 == 1
            case Rounding.HALF_AWAY:
                return k - half, k <= 0
            case Rounding.HALF_ZERO:
                return k - half, k > 0
            case Rounding.FLOOR:
                return Fraction(k), False
            case Rounding.CEIL:
                return Fraction(k - 1), True
            case Rounding.AWAY:
                return (Fraction(k - 1), True) if k > 0 else (Fraction(k), False)
            case Rounding.ZERO:
                return (Fraction(k), False) if k > 0 else (Fraction(k - 1), True)


def round_shift(n: Any, shift: int, rounding: Rounding) -> Any:
    """Computes ``n / 2**shift`` rounded; ``n`` is an int, an array of integers, or an Amaranth
    signal.

    Parameters
    ----------
    n : the number; a signal keeps its signedness
    shift : bits dropped, at least 0; negative shifts raise ValueError
    rounding : the rule for the bits dropped
    """
    if shift == 0:
        return n
    half = 1 << shift - 1
    match rounding:
        case Rounding.FLOOR:
            return n >> shift
        case Rounding.HALF_UP:
            return (n + half) >> shift
        case Rounding.HALF_EVEN:
            return (n + half - 1 + (n >> shift & 1)) >> shift
        case Rounding.HALF_AWAY:
            return (n + half - (n < 0)) >> shift
        case Rounding.HALF_ZERO:
            return (n + half - 1 + (n < 0)) >> shift
        case Rounding.CEIL:
            return (n + 2 * half - 1) >> shift
        case Rounding.AWAY:
            return (n + 2 * half - 1 - ((n < 0) << shift) + (n < 0)) >> shift
        case Rounding.ZERO:
            return (n + ((n < 0) << shift) - (n < 0)) >> shift

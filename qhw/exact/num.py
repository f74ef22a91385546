"""Exact integers: the interval every signal gets its shape from, and rounding in one place."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

import numpy as np
from amaranth.hdl import Shape

__all__ = ["BIT", "Int", "Rounding", "round_shift"]


@dataclass(frozen=True, slots=True)
class Int:
    """Every integer from ``lo`` to ``hi``, both included."""

    lo: int
    hi: int

    def __post_init__(self) -> None:
        if self.lo > self.hi:
            raise ValueError(f"Interval must not be empty, got {self.lo}..{self.hi}")

    @classmethod
    def of_bits(cls, bits: int, *, signed: bool, narrow: bool = False) -> "Int":
        """The integers of ``bits`` bits; ``narrow`` leaves out the lowest of them."""
        lo, hi = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        return cls(lo + narrow, hi)

    @classmethod
    def of(cls, values: np.ndarray) -> "Int":
        """The smallest interval that holds all of ``values``."""
        return cls(int(values.min()), int(values.max()))

    @property
    def shape(self) -> Shape:
        """At least one bit, so that no port vanishes."""
        bits = max(self.hi.bit_length(), (~self.lo).bit_length() if self.lo < 0 else 0, 1)
        return Shape(bits + (self.lo < 0), signed=self.lo < 0)

    @property
    def width(self) -> int:
        """Bits on a wire."""
        return self.shape.width

    @property
    def size(self) -> int:
        """The largest magnitude."""
        return max(abs(self.lo), abs(self.hi))

    @property
    def value(self) -> "Int":
        """What a wire of this interval stands for: itself."""
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
        """The sum of ``n`` such integers."""
        return Int(n * self.lo, n * self.hi)

    def nearest(self, n: int) -> int:
        """The integer of the interval that is next to ``n``."""
        return min(max(n, self.lo), self.hi)

    def check(self, values: np.ndarray, what: str = "Values") -> np.ndarray:
        """``values``, or ValueError if one of them is not in the interval."""
        if values.size and (values.min() < self.lo or values.max() > self.hi):
            raise ValueError(f"{what} must be in {self}, not {values.min()}..{values.max()}")
        return values


BIT = Int(0, 1)


class Rounding(StrEnum):
    """Which integer a real number becomes; the first four differ on ties only."""

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    HALF_AWAY = "half-away"
    HALF_ZERO = "half-zero"
    FLOOR = "floor"
    CEIL = "ceil"
    AWAY = "away"
    ZERO = "zero"

    def real(self, x: np.ndarray) -> np.ndarray:
        """Real numbers rounded, in floating point."""
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
        """Where numbers become ``k`` or more: from there on, or beyond it if true."""
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
    """``n / 2**shift`` rounded: integers, arrays of them, or a signal in gates."""
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

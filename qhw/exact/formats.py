"""Codes that stand for other integers than themselves: powers of two, and small floats."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from amaranth.hdl import Shape

from .num import Int

__all__ = ["Coded", "MiniFloat", "Power", "Wire"]


class Coded(ABC):
    """A number format whose codes are unsigned fields of bits; subclasses are frozen dataclasses.
    """

    bits: int
    """Bits of one code."""

    @property
    @abstractmethod
    def codes(self) -> np.ndarray:
        """Every code that occurs."""

    @abstractmethod
    def decode(self, code: np.ndarray) -> np.ndarray:
        """The integer each code stands for, int64."""

    @property
    def shape(self) -> Shape:
        return Shape(self.bits, signed=False)

    @property
    def width(self) -> int:
        """Bits on a wire."""
        return self.bits

    @cached_property
    def value(self) -> Int:
        """What the codes stand for."""
        return Int.of(self.decode(self.codes))


Wire = Int | Coded
"""What a wire carries: integers, or codes of them."""


@dataclass(frozen=True)
class Power(Coded):
    """``powers`` magnitudes 2**offset .. 2**(offset + powers - 1), of either sign, and 0.

    Its code has a magnitude below the sign. With ``powers`` = 2**m - 1 the magnitude is an index,
    0 for zero and 1 for the largest power; with 2**m it is the exponent, below a bit that is set
    where the number is not zero, which is missing if ``zero`` is not wanted; so is the sign if
    the number is not ``signed``.
    """

    powers: int
    offset: int = 0
    zero: bool = True
    signed: bool = True

    @property
    def by_index(self) -> bool:
        return self.zero and self.powers & (self.powers + 1) == 0

    @property
    def field(self) -> int:
        """Bits that say how far to shift."""
        return (self.powers if self.by_index else self.powers - 1).bit_length()

    @property
    def bits(self):
        return self.magnitude + self.signed

    @property
    def magnitude(self) -> int:
        """Bits below the sign."""
        return self.field + (self.zero and not self.by_index)

    @property
    def codes(self):
        if self.by_index:
            each = np.arange(1, self.powers + 1)
        else:
            each = np.arange(self.powers) | self.zero << self.field
        signs = [each, each | 1 << self.magnitude] if self.signed else [each]
        return np.concatenate([[0] * self.zero, *signs]).astype(np.int64)

    def encode(self, exponent: np.ndarray, negative: np.ndarray, on: np.ndarray) -> np.ndarray:
        """The codes of +-2**exponent, or of 0 where not ``on``."""
        up = np.asarray(exponent).astype(np.int64) - self.offset
        magnitude = self.powers - up if self.by_index else up | self.zero << self.field
        return np.where(on, magnitude | negative.astype(np.int64) << self.magnitude, 0)

    def decode(self, code):
        field = code & (1 << self.field) - 1
        up = self.powers - field if self.by_index else field
        if self.by_index:
            on = field > 0
        else:
            on = (code >> self.field & 1) > 0 if self.zero else np.ones_like(code, bool)
        power = 1 << np.maximum(up, 0).astype(np.int64) + self.offset
        return np.where(on, np.where(code >> self.magnitude, -power, power), 0)


@dataclass(frozen=True)
class MiniFloat(Coded):
    """Sign, exponent, mantissa; all numbers are normal, and the code of +2**-bias is 0's.

    Gysel, "Ristretto", 2016 (arXiv 1605.06402), section 3.3. The integers are
    (2**mantissa + fraction) << exponent: steps of 2**-(bias + mantissa).
    """

    exponent: int
    mantissa: int

    @property
    def bits(self):
        return 1 + self.exponent + self.mantissa

    @property
    def bias(self) -> int:
        return (1 << self.exponent - 1) - 1

    @property
    def lsb(self) -> int:
        """The integers count steps of 2**lsb."""
        return -self.bias - self.mantissa

    @property
    def codes(self):
        every = np.arange(1 << self.bits)
        return every[every != 1 << self.bits - 1]

    def decode(self, code):
        code = code.astype(np.int64)
        size = code & (1 << self.bits - 1) - 1
        fraction = size & (1 << self.mantissa) - 1
        values = (fraction + (1 << self.mantissa)) << (size >> self.mantissa)
        return np.where(size, np.where(code >> self.bits - 1, -values, values), 0)

    def encode(self, x: np.ndarray) -> np.ndarray:
        """The nearest code, ties away from zero; too large is the largest, too small is 0."""
        fraction, power = np.frexp(np.abs(x))
        steps = np.floor(fraction * (2 << self.mantissa) + 0.5).astype(np.int64)
        carry = steps >> self.mantissa + 1
        steps, power = np.where(carry, steps >> 1, steps), power - 1 + carry + self.bias
        size = (power << self.mantissa) + steps - (1 << self.mantissa)
        size = np.where((x == 0) | (power < 0), 0,
                        np.minimum(size, (1 << self.bits - 1) - 1)).astype(np.int64)
        return size | (x < 0).astype(np.int64) * (size > 0) << self.bits - 1

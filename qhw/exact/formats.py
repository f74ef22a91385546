"""Codes of integers: powers of two, and small floats."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .num import Int

if TYPE_CHECKING:
    from amaranth.hdl import Shape

__all__ = ["Coded", "MiniFloat", "Power", "Wire"]


class Coded(ABC):
    """A number format with unsigned codes of ``bits`` bits; subclasses are frozen dataclasses."""

    @property
    @abstractmethod
    def bits(self) -> int:
        """Bits of one code."""

    @property
    @abstractmethod
    def codes(self) -> np.ndarray:
        """Every code in use, int64 (codes,)."""

    @abstractmethod
    def decode(self, code: np.ndarray) -> np.ndarray:
        """Decodes ``code``, an array of any shape, to int64 integers of the same shape."""

    @property
    def shape(self) -> "Shape":
        """Amaranth's shape of one code: unsigned, ``bits`` bits."""
        from amaranth.hdl import Shape
        return Shape(self.bits, signed=False)

    @property
    def width(self) -> int:
        """Bits of one code on a wire."""
        return self.bits

    @cached_property
    def value(self) -> Int:
        """The interval of the integers that the codes stand for."""
        return Int.of(self.decode(self.codes))


Wire = Int | Coded
"""The format of a number on a wire: integers as they are, or codes."""


@dataclass(frozen=True)
class Power(Coded):
    """Powers of two: +-2**e for ``powers`` exponents e from ``offset`` up, and 0.

    A code is a magnitude below a sign bit. With ``powers`` = 2**m - 1 the magnitude is an index: 0
    for zero, 1 for the largest power. With ``powers`` = 2**m it is e - ``offset`` below a bit that
    is 0 for zero. ``zero`` False removes the value 0 and its bit, ``signed`` False the sign bit.
    """

    powers: int
    offset: int = 0
    zero: bool = True
    signed: bool = True

    @property
    def by_index(self) -> bool:
        """Whether the magnitude is an index, 1 for the largest power."""
        return self.zero and self.powers & (self.powers + 1) == 0

    @property
    def field(self) -> int:
        """Bits of the shift distance."""
        return (self.powers if self.by_index else self.powers - 1).bit_length()

    @property
    def bits(self) -> int:
        """Bits of one code."""
        return self.magnitude + self.signed

    @property
    def magnitude(self) -> int:
        """Bits below the sign."""
        return self.field + (self.zero and not self.by_index)

    @property
    def codes(self) -> np.ndarray:
        """Every code in use: 0 first, then positive and negative powers."""
        if self.by_index:
            each = np.arange(1, self.powers + 1)
        else:
            each = np.arange(self.powers) | self.zero << self.field
        signs = [each, each | 1 << self.magnitude] if self.signed else [each]
        return np.concatenate([[0] * self.zero, *signs]).astype(np.int64)

    def encode(self, exponent: np.ndarray, negative: np.ndarray, on: np.ndarray) -> np.ndarray:
        """Encodes +-2**``exponent``, or 0 where ``on`` is false.

        Parameters
        ----------
        exponent : integers from ``offset`` to ``offset`` + ``powers`` - 1, of any shape; a value
            outside gives a wrong code
        negative : bool of the same shape; true for a minus sign
        on : bool of the same shape; false for the value 0
        """
        up = np.asarray(exponent).astype(np.int64) - self.offset
        magnitude = self.powers - up if self.by_index else up | self.zero << self.field
        return np.where(on, magnitude | negative.astype(np.int64) << self.magnitude, 0)

    def decode(self, code: np.ndarray) -> np.ndarray:
        """Decodes codes to +-2**e or 0, int64."""
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
    """A float format: sign, ``exponent`` bits, ``mantissa`` bits; no subnormals and no infinity.

    The code of +2**-bias stands for 0. The decoded integers are (2**mantissa + fraction) <<
    exponent, in steps of 2**-(bias + mantissa). Gysel, "Ristretto", 2016 (arXiv 1605.06402),
    section 3.3."""

    exponent: int
    mantissa: int

    @property
    def bits(self) -> int:
        """Bits of one code."""
        return 1 + self.exponent + self.mantissa

    @property
    def bias(self) -> int:
        """The exponent field that stands for 2**0."""
        return (1 << self.exponent - 1) - 1

    @property
    def lsb(self) -> int:
        """The base-2 logarithm of the step that the integers count."""
        return -self.bias - self.mantissa

    @property
    def codes(self) -> np.ndarray:
        """Lists every code but that of -2**-bias, which would be a second 0."""
        every = np.arange(1 << self.bits)
        return every[every != 1 << self.bits - 1]

    def decode(self, code: np.ndarray) -> np.ndarray:
        """Decodes codes to integers in steps of 2**lsb, int64."""
        code = code.astype(np.int64)
        size = code & (1 << self.bits - 1) - 1
        fraction = size & (1 << self.mantissa) - 1
        values = (fraction + (1 << self.mantissa)) << (size >> self.mantissa)
        return np.where(size, np.where(code >> self.bits - 1, -values, values), 0)

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Rounds real numbers ``x``, of any shape, to the nearest codes; ties go away from zero.

        Numbers beyond the largest saturate; numbers below the smallest become 0.
        """
        fraction, power = np.frexp(np.abs(x))
        steps = np.floor(fraction * (2 << self.mantissa) + 0.5).astype(np.int64)
        carry = steps >> self.mantissa + 1
        steps, power = np.where(carry, steps >> 1, steps), power - 1 + carry + self.bias
        size = (power << self.mantissa) + steps - (1 << self.mantissa)
        size = np.where((x == 0) | (power < 0), 0,
                        np.minimum(size, (1 << self.bits - 1) - 1)).astype(np.int64)
        return size | (x < 0).astype(np.int64) * (size > 0) << self.bits - 1

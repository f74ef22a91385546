"""Multiply and add, for DSP blocks: the code is decoded to an integer first."""

from dataclasses import dataclass

import numpy as np
from amaranth.hdl import Const, Value

from ..exact.num import Int
from .element import Element
from .gates import adder_tree, selected

__all__ = ["Multiply", "decoded"]

FEW = 16
"""Values up to which decoding is written as multiplexers, and above as a table."""


@dataclass(frozen=True, eq=False)
class Multiply(Element):
    """``values`` are the integers that codes 0, 1, ... stand for; ``used`` marks those that occur.
    """

    values: np.ndarray
    used: np.ndarray | None = None

    @property
    def bits(self):
        return max((len(self.values) - 1).bit_length(), 1)

    @property
    def codes(self):
        every = np.arange(len(self.values))
        return every if self.used is None else every[self.used]

    def weights(self, codes):
        return self.values[codes.astype(np.int64)][:, None]

    def dot(self, x, w):
        return [adder_tree(a * b for a, b in zip(x, decoded(w, self.values), strict=True))]

    @property
    def offset(self) -> int | None:
        """What is added to a code to decode it, if that is all."""
        return straight(self.values)


def straight(values: np.ndarray) -> int | None:
    """The zero point of codes that count up from it, negated."""
    return int(values[0]) if (np.diff(values) == 1).all() else None


def is_twos(values: np.ndarray) -> bool:
    """Whether the codes are two's complement."""
    n = len(values)
    return n & (n - 1) == 0 and np.array_equal(values, (np.arange(n) ^ n // 2) - n // 2)


def packed(values: np.ndarray, width: int) -> Const:
    """The values in one constant, each in a power of two of bits."""
    stride, mask = 1 << (width - 1).bit_length(), (1 << width) - 1
    whole = sum((int(v) & mask) << stride * k for k, v in enumerate(values))
    return Const(whole, stride << (len(values) - 1).bit_length())


def decoded(codes: list[Value], values: np.ndarray) -> list[Value]:
    """The integers that codes stand for."""
    if is_twos(values):
        return [code.as_signed() for code in codes]
    if (offset := straight(values)) is not None:
        return [code + offset if offset else code for code in codes]
    interval = Int.of(values)
    if len(values) <= FEW:
        row = [Const(int(v), interval.shape) for v in values]
        return [selected(code, row) for code in codes]
    table = packed(values, interval.width)      # one, so that it is printed once
    found = [table.word_select(code, len(table) >> len(code))[:interval.width] for code in codes]
    return [f.as_signed() if interval.shape.signed else f for f in found]

"""Multiply and add, for DSP blocks: the code is decoded to an integer first."""

from dataclasses import dataclass

import numpy as np
from amaranth.hdl import Const, Value

from ..gates import adder_tree, selected
from ..num import Int
from .element import Element, Ops

__all__ = ["Multiply", "decoded"]


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
        return [adder_tree(a * decoded(b, self.values) for a, b in zip(x, w, strict=True))]

    @property
    def offset(self) -> int | None:
        """What is added to a code to decode it, if that is all."""
        return straight(self.values)

    def cost(self, x, lanes):
        wide = Int.of(self.values[self.codes]).width
        table = self.offset is None and not is_twos(self.values)
        return Ops("", 0, ((lanes, self.term(x).width),), lanes, (x.width, wide),
                   lanes * wide * len(self.values) // 4 if table else 0)


def straight(values: np.ndarray) -> int | None:
    """The zero point of codes that count up from it, negated."""
    return int(values[0]) if (np.diff(values) == 1).all() else None


def is_twos(values: np.ndarray) -> bool:
    """Whether the codes are two's complement."""
    n = len(values)
    return n & (n - 1) == 0 and np.array_equal(values, (np.arange(n) ^ n // 2) - n // 2)


def decoded(code: Value, values: np.ndarray) -> Value:
    """The integer that a code stands for."""
    if is_twos(values):
        return code.as_signed()
    if (offset := straight(values)) is not None:
        return code + offset if offset else code
    interval = Int.of(values)
    return selected(code, [Const(int(v), interval.shape) for v in values])

"""Multiply and add, for DSP blocks: each code is decoded to an integer first."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..exact.num import Int
from ..tools.typed import computed
from .element import Element
from .gates import adder_tree, selected

if TYPE_CHECKING:
    from amaranth.hdl import Const, Value

__all__ = ["Multiply", "decoded"]

FEW = 16
"""Most values that are decoded by multiplexers; larger sets use a table."""


@dataclass(frozen=True, eq=False)
class Multiply(Element):
    """Weights are the integers ``values`` of codes 0, 1, ...; ``used`` marks the codes in use."""

    values: np.ndarray
    used: np.ndarray | None = None
    chained: bool = False

    @computed
    def bits(self):
        """Bits of one code."""
        return max((len(self.values) - 1).bit_length(), 1)

    @property
    def codes(self) -> np.ndarray:
        """Every code in use, (codes,)."""
        every = np.arange(len(self.values))
        return every if self.used is None else every[self.used]

    def weights(self, codes: np.ndarray) -> np.ndarray:
        """Decodes codes (rows, inputs) to integers, (rows, 1, inputs)."""
        return self.values[codes.astype(np.int64)][:, None]

    def dot(self, x: "list[Value]", w: "list[Value]") -> "list[Value]":
        """Builds an adder tree of products."""
        return [adder_tree(a * b for a, b in zip(x, decoded(w, self.values), strict=True))]

    @property
    def offset(self) -> int | None:
        """The constant whose addition decodes a code; None if decoding needs more logic."""
        return straight(self.values)


def straight(values: np.ndarray) -> int | None:
    """Returns the first value if ``values`` (codes,) count up by 1; otherwise None."""
    return int(values[0]) if (np.diff(values) == 1).all() else None


def is_twos(values: np.ndarray) -> bool:
    """Tells whether ``values`` (codes,) are the codes read as two's complement."""
    n = len(values)
    return n & (n - 1) == 0 and np.array_equal(values, (np.arange(n) ^ n // 2) - n // 2)


def packed(values: np.ndarray, width: int) -> "Const":
    """Packs ``values`` (codes,) into one constant, with fields rounded up to a power of two of
    bits."""
    from amaranth.hdl import Const
    stride, mask = 1 << (width - 1).bit_length(), (1 << width) - 1
    whole = sum((int(v) & mask) << stride * k for k, v in enumerate(values))
    return Const(whole, stride << (len(values) - 1).bit_length())


def decoded(codes: "list[Value]", values: np.ndarray) -> "list[Value]":
    """Builds the decoders from codes to integers; ``values`` (codes,) holds the integer of each
    code."""
    from amaranth.hdl import Const
    if is_twos(values):
        return [code.as_signed() for code in codes]
    if (offset := straight(values)) is not None:
        return [code + offset if offset else code for code in codes]
    interval = Int.of(values)
    if len(values) <= FEW:
        row = [Const(int(v), interval.shape) for v in values]
        return [selected(code, row) for code in codes]
    table = packed(values, interval.width)      # one constant for all lanes
    found = [table.word_select(code, len(table) >> len(code))[:interval.width] for code in codes]
    return [f.as_signed() if interval.shape.signed else f for f in found]

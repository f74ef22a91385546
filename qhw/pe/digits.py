"""Weights of two's complement as radix-4 digits, or two to a multiplication.

Radix-4 digits have two bits, each a choice of x and 3x.

Booth, "A Signed Binary Multiplication Technique", 1951, and MacSorley, "High-Speed Arithmetic in
Binary Computers", 1961, for radix 4. Here digits are symmetric, so that they need no carry from one
to the next: with its sign bit inverted, a code's bits are those of ``weight + 2**(bits - 1)``. The
lowest digit 0 to 3 means -2, -1, 0, 1; each other digit means -3, -1, 1, 3, and its place is half
of its power of four. A single bit at the top means -1 or 1.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..exact.formats import Wire
from ..exact.num import Int
from .element import Element
from .gates import adder_tree, array, excess, raised, signed_by

if TYPE_CHECKING:
    from amaranth.hdl import Value

    from ..tools.hdl import ArrayLayout

__all__ = ["Digits", "Pairs"]

FACTOR = 16
"""Bits of the narrowest factor of a DSP block on any chip, iCE40's."""


@dataclass(frozen=True)
class _Twos(Element):
    """Two's complement of ``bits`` bits, for activations in ``x``; ``narrow`` leaves out the lowest
    integer."""

    chained = True

    bits: int
    x: Int
    narrow: bool = False

    @property
    def codes(self) -> np.ndarray:
        """Every code in use, (codes,)."""
        every = np.arange(1 << self.bits)
        return every[every != 1 << self.bits - 1] if self.narrow else every

    def weights(self, codes: np.ndarray) -> np.ndarray:
        """Decodes codes (rows, inputs) to integers, (rows, 1, inputs)."""
        top = 1 << self.bits - 1
        return ((codes.astype(np.int64) ^ top) - top)[:, None]


class Digits(_Twos):
    """Digits of two's complement.

    A bit of a digit times x is a function of two bits of the code and two of the activations, one
    LUT. The tile computes 3x once for all outputs, if a digit needs it."""

    @property
    def triples(self) -> bool:
        """Whether a digit has a choice of x and 3x."""
        return self.bits > 3

    def common_layout(self, x: Wire, lanes: int) -> "ArrayLayout":
        """Lays out the activations, and 3x of each behind them."""
        if not self.triples:
            return super().common_layout(x, lanes)
        return array(self._tripled.shape, 2 * lanes)

    def common(self, x: "list[Value]", shared: "list[Value]") -> "list[Value]":
        """Builds 3x of each activation once for all outputs."""
        return [*x, *((a << 1) + a for a in x)] if self.triples else x

    @property
    def _doubled(self) -> Int:
        return Int.of_bits(self.x.width + 1, signed=self.x.shape.signed)

    @property
    def _tripled(self) -> Int:
        return self.x | self.x * Int(3, 3)

    # A lane of a digit is a multiple of x or its complement, so no summand is negative. The error
    # depends on the weights alone, and `rest` removes it in the accumulator's start value.

    def dot(self, x: "list[Value]", w: "list[Value]") -> "list[Value]":
        """Builds an adder tree a digit, then adds the digits with their shifts."""
        lanes = [self._narrowed(a) for a in x[:len(w)]]
        triples = x[len(w):] or lanes
        sums = [adder_tree(map(self._low, lanes, w))]
        sums += [adder_tree(self._high(k, *lane) for lane in zip(lanes, triples, w, strict=True))
                 << k - 1 for k in range(2, self.bits, 2)]
        return [adder_tree(sums)]

    def _narrowed(self, a: "Value") -> "Value":
        """An activation in its own bits, without those of its sign that 3x needs."""
        return a[:self.x.width].as_signed() if a.shape().signed else a[:self.x.width]

    def _low(self, x: "Value", code: "Value") -> "Value":
        """Builds -2x, -x, 0 or x of the lowest digit."""
        from amaranth.hdl import Mux
        one, up = code[0], ~code[1] if self.bits == 2 else code[1]
        return signed_by(Mux(one, x, x << 1), ~up, one | ~up)

    def _high(self, k: int, x: "Value", triple: "Value", code: "Value") -> "Value":
        """Builds -3x, -x, x or 3x of the digit at bit ``k``, or -x or x of a single bit."""
        from amaranth.hdl import Mux
        top = code[-1]
        if k + 1 == self.bits:
            return signed_by(x, top)
        one, down = code[k], top if k + 2 == self.bits else ~code[k + 1]
        return signed_by(Mux(one ^ ~down, x, triple), down)

    def rest(self, codes: np.ndarray, x: Wire) -> np.ndarray:
        """Returns exact minus computed sums, (rows, 1)."""
        digits = codes.astype(np.int64) ^ 1 << self.bits - 1
        plus, minus = excess(self._doubled)
        found = np.array([minus, minus, 0, plus])[digits & 3]
        for k in range(2, self.bits, 2):
            single = k + 1 == self.bits
            plus, minus = excess(self.x if single else self._tripled)
            each = [minus, plus] if single else [minus, minus, plus, plus]
            found = found + (np.array(each)[digits >> k & 3] << k - 1)
        return -found.sum(1)[:, None]


class Pairs(_Twos):
    """Two products of two's complement and their sum by one multiplication, for a DSP block.

    With weights and activations raised to numbers without a sign, and fields that hold the sum,
    ``(x0 + x1 * F) * (w1 + w0 * F)`` has ``x0 * w0 + x1 * w1`` in its middle field. The sum of the
    activations, made once for all outputs, corrects for the raised weights."""

    @property
    def field(self) -> int:
        """Bits of a field."""
        return self.bits + self.x.width + 1

    @property
    def fits(self) -> bool:
        """Whether both factors have at most as many bits as those of every chip's DSP block."""
        return self.field + max(self.bits, self.x.width) <= FACTOR

    def common_layout(self, x: Wire, lanes: int) -> "ArrayLayout":
        """Lays out the raised activations, and their sum behind them."""
        return array(Int.of_bits(x.width, signed=False).times(lanes).shape, lanes + 1)

    def common(self, x: "list[Value]", shared: "list[Value]") -> "list[Value]":
        """Builds the raised activations and their sum."""
        up = [raised(a.as_unsigned(), a) for a in x]
        return [*up, adder_tree(up)]

    def dot(self, x: "list[Value]", w: "list[Value]") -> "list[Value]":
        """Builds a multiplication for each two lanes; their middle fields' sum, corrected."""
        from amaranth.hdl import Cat, Const
        codes = [Cat(code[:-1], ~code[-1]) for code in w]
        lanes = [a[:self.x.width] for a in x[:len(w)]]
        f, last = self.field, len(w) & ~1
        gaps = Const(0, f - self.x.width), Const(0, f - self.bits)
        sums = [(Cat(lanes[k], gaps[0], lanes[k + 1]) * Cat(codes[k + 1], gaps[1], codes[k]))
                [f:2 * f] for k in range(0, last, 2)]
        if last < len(w):
            sums.append(lanes[-1] * codes[-1])
        return [adder_tree(sums) - (x[-1] << self.bits - 1)]

    def rest(self, codes: np.ndarray, x: Wire) -> np.ndarray:
        """Returns exact minus computed sums, (rows, 1): what raised activations add."""
        return -excess(x.value)[0] * self.weights(codes).sum(2)

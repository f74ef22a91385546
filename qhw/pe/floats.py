"""Small floats multiplied exactly: mantissas are multiplied, then shifted into a wide accumulator.

The accumulator holds every bit of every product (Kulisch), so no sum is rounded.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..exact.formats import MiniFloat
from ..tools.typed import computed
from .element import Element
from .gates import adder_tree, masked

if TYPE_CHECKING:
    from amaranth.hdl import Value

__all__ = ["Floats"]


@dataclass(frozen=True)
class Floats(Element):
    """Weights have the format ``weight``; activations are integers, or floats of the format ``x``.
    """

    weight: MiniFloat
    x: MiniFloat | None = None

    @computed
    def bits(self):
        """Bits of one weight."""
        return self.weight.bits

    @property
    def codes(self) -> np.ndarray:
        """Every weight code in use, (codes,)."""
        return self.weight.codes

    def weights(self, codes: np.ndarray) -> np.ndarray:
        """Decodes codes (rows, inputs) to integers in steps of 2**lsb, (rows, 1, inputs)."""
        return self.weight.decode(codes)[:, None]

    def dot(self, x: "list[Value]", w: "list[Value]") -> "list[Value]":
        """Builds an adder tree of mantissa products, each shifted by its exponents."""
        return [adder_tree(self._product(a, b) for a, b in zip(x, w, strict=True))]

    def _product(self, x: "Value", w: "Value") -> "Value":
        from amaranth.hdl import Mux
        mantissa, exponent, negative = _fields(w, self.weight)
        if self.x is not None:
            x, x_exponent, x_negative = _fields(x, self.x)
            exponent, negative = exponent + x_exponent, negative ^ x_negative
        product = x * mantissa
        return Mux(negative, -product, product) << exponent


def _fields(code: "Value", form: MiniFloat) -> "tuple[Value, Value, Value]":
    """Splits a float code into mantissa (with its leading 1, or 0 for zero), exponent and sign."""
    from amaranth.hdl import Cat
    fraction, exponent = code[:form.mantissa], code[form.mantissa:-1]
    on = code[:-1].any()
    return Cat(masked(fraction, on), on), exponent, code[-1]

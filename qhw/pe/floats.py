"""Small floats multiplied exactly: mantissas are multiplied, then shifted into a wide accumulator.

The accumulator holds every bit of every product (Kulisch), so nothing rounds.
"""

from dataclasses import dataclass

from amaranth.hdl import Cat, Mux, Value

from ..exact.formats import MiniFloat
from .element import Element
from .gates import adder_tree, masked

__all__ = ["Floats"]


@dataclass(frozen=True)
class Floats(Element):
    """Weights of the format ``weight``; activations are integers, or floats too if ``x`` says."""

    weight: MiniFloat
    x: MiniFloat | None = None

    @property
    def bits(self):
        return self.weight.bits

    @property
    def codes(self):
        return self.weight.codes

    def weights(self, codes):
        return self.weight.decode(codes)[:, None]

    def dot(self, x, w):
        return [adder_tree(self._product(a, b) for a, b in zip(x, w, strict=True))]

    def _product(self, x: Value, w: Value) -> Value:
        mantissa, exponent, negative = _fields(w, self.weight)
        if self.x is not None:
            x, x_exponent, x_negative = _fields(x, self.x)
            exponent, negative = exponent + x_exponent, negative ^ x_negative
        product = x * mantissa
        return Mux(negative, -product, product) << exponent


def _fields(code: Value, form: MiniFloat) -> tuple[Value, Value, Value]:
    """Mantissa, 0 where the number is, exponent and sign."""
    fraction, exponent = code[:form.mantissa], code[form.mantissa:-1]
    on = code[:-1].any()
    return Cat(masked(fraction, on), on), exponent, code[-1]

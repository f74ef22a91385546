"""Ternary weights: 0, +1, -1. A multiplication is a mask and a complement.

Li, Zhang, Liu, "Ternary Weight Networks", 2016 (arXiv 1605.04711): the threshold 0.7 * mean |w|
(eq. 6) and the mean of |w| above it as the scale (eq. 5).
"""

from dataclasses import dataclass

import numpy as np
from amaranth.lib import data

from ..gates import adder_tree, sign_shift, signed_by
from ..num import Int
from .scheme import Codes, Ops, Scheme


class Trit(data.Struct):
    """A code: 0b00 is 0, 0b01 is +1, 0b11 is -1; 0b10 is never written."""

    on: 1
    neg: 1


@dataclass(frozen=True)
class Ternary(Scheme):
    """``threshold`` is in units of the mean |w|."""

    name = "ternary"
    multiplier_free = True
    bits = 2

    threshold: float = 0.7

    def __post_init__(self):
        if not 0 <= self.threshold < 2:
            raise ValueError(f"Threshold must be in 0..2, not {self.threshold!r}")

    def quantize(self, w, *, per_channel=True):
        size, axis = np.abs(w), 1 if per_channel else None
        on = size > self.threshold * size.mean(axis=axis, keepdims=True)
        scale = (size * on).sum(axis=axis) / np.maximum(on.sum(axis=axis), 1)
        return Codes((on + 2 * (on & (w < 0))).astype(np.uint8), np.where(scale > 0, scale, 1.0))

    def decode(self, codes):
        codes = codes.astype(np.int64)
        return (codes & 1) * (1 - (codes & 2))

    @property
    def codes(self):
        return np.array([0, 1, 3])

    def row(self, lanes):
        return data.ArrayLayout(Trit, lanes)

    # A lane gives x, 0 or ~x = -x - 1, plus a constant; how much all are off depends on the
    # weights alone.

    def dot(self, x, w):
        return adder_tree(signed_by(a, t.neg, t.on) for a, t in zip(x, w, strict=True))

    def rest(self, codes, x):
        return (codes == 3).sum(axis=-1) - codes.shape[-1] * sign_shift(x)

    def term(self, x):
        shift = sign_shift(x)
        return (x | Int(~x.hi, ~x.lo) | Int(0, 0)) + Int(shift, shift)

    def cost(self, x, lanes):
        return Ops("and-xor", lanes * x.width, addends=((lanes, self.term(x).width),))

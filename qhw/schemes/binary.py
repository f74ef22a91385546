"""Binary weights: +1 or -1, XNOR and popcount where the activations have one bit too.

Courbariaux et al., "Binarized Neural Networks", 2016 (arXiv 1602.02830), for one-bit activations;
Rastegari et al., "XNOR-Net", 2016 (arXiv 1603.05279), section 3.1, for the scale: the mean of |w|
over an output's weights is optimal in the least squares sense. ``sign(0)`` is +1.
"""

from dataclasses import dataclass

import numpy as np

from ..gates import adder_tree, sign_shift, signed_by
from ..num import Int
from .scheme import Codes, Ops, Scheme

BIT = Int(0, 1)


@dataclass(frozen=True)
class Binary(Scheme):
    """Code 1 is +1, code 0 is -1."""

    name = "binary"
    multiplier_free = True
    bits = 1

    def quantize(self, w, *, per_channel=True):
        return Codes((w >= 0).astype(np.uint8), np.abs(w).mean(axis=1 if per_channel else None))

    def decode(self, codes):
        return 2 * codes.astype(np.int64) - 1

    # A lane gives x or ~x = -x - 1, plus a constant, and with one-bit x it gives
    # XNOR = w * x + [w < 0]: how much all are off depends on the weights alone.

    def dot(self, x, w):
        if all(v.shape() == BIT.shape for v in x):
            return adder_tree(~(a ^ b) for a, b in zip(x, w, strict=True))
        return adder_tree(signed_by(a, ~b) for a, b in zip(x, w, strict=True))

    def rest(self, codes, x):
        minus = (codes == 0).sum(axis=-1)
        return -minus if x == BIT else minus - codes.shape[-1] * sign_shift(x)

    def term(self, x):
        if x == BIT:
            return BIT
        shift = sign_shift(x)
        return (x | Int(~x.hi, ~x.lo)) + Int(shift, shift)

    def cost(self, x, lanes):
        return Ops("xnor" if x == BIT else "xor", lanes * x.width,
                   addends=((lanes, self.term(x).width),))

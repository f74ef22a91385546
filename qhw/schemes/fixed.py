"""Fixed point weights of 2 to 8 bits: integers times one scale.

Lin et al., "Fixed Point Quantization of Deep Convolutional Networks", 2016 (arXiv 1511.06393), for
uniform symmetric weights; here the scale makes the largest |w| the largest code, as in symmetric
per-channel quantization (Krishnamoorthi, arXiv 1806.08342, section 2.3).
"""

from dataclasses import dataclass

import numpy as np

from ..gates import adder_tree, masked, raised
from ..num import Int
from .scheme import Codes, Ops, Scheme

WIDE = 5
"""From this many bits on a product is a multiplication, which takes a DSP block where there are
any; below, it is a sum of masked shifts."""


@dataclass(frozen=True)
class Fixed(Scheme):
    """Two's complement of ``bits`` bits; ``narrow`` never uses the lowest code.

    ``multiplier`` is ``"dsp"``, ``"logic"``, or ``"auto"`` for logic below 5 bits.
    """

    name = "fixed"
    multiplier_free = False

    bits: int = 4
    narrow: bool = True
    multiplier: str = "auto"

    def __post_init__(self):
        if not 2 <= self.bits <= 8:
            raise ValueError(f"Fixed point must have 2 to 8 bits, not {self.bits!r}")
        if self.multiplier not in ("auto", "dsp", "logic"):
            raise ValueError(f"Multiplier must be auto, dsp or logic, not {self.multiplier!r}")

    @property
    def in_dsp(self) -> bool:
        return self.multiplier == "dsp" or self.multiplier == "auto" and self.bits >= WIDE

    def quantize(self, w, *, per_channel=True):
        peak = np.abs(w).max(axis=1 if per_channel else None, keepdims=True)
        scale = np.where(peak > 0, peak, 1.0) / ((1 << self.bits - 1) - 1)
        codes = np.rint(w / scale).astype(np.int64) & (1 << self.bits) - 1
        return Codes(codes.astype(np.uint8), scale[:, 0] if per_channel else scale[0, 0])

    def decode(self, codes):
        codes, sign = codes.astype(np.int64), 1 << self.bits - 1
        return (codes ^ sign) - sign

    @property
    def codes(self):
        every = super().codes
        return every[self.decode(every) > -(1 << self.bits - 1)] if self.narrow else every

    def dot(self, x, w):
        if self.in_dsp:
            return adder_tree(a * b.as_signed() for a, b in zip(x, w, strict=True))
        # One adder tree a bit of the weights, the top bit's subtracted.
        lanes = list(zip(x, w, strict=True))
        *planes, top = (adder_tree(raised(masked(a, b[k]), a) for a, b in lanes) << k
                        for k in range(self.bits))
        return adder_tree(planes) - top

    def _raise(self, x: Int) -> int:
        """By how much a lane is short of its product: the planes' raises, the top one's against."""
        return 1 << x.width - 1 if x.shape.signed and not self.in_dsp else 0

    def rest(self, codes, x):
        return np.full(codes.shape[:-1], codes.shape[-1] * self._raise(x))

    def term(self, x):
        return x * self.value + Int(-self._raise(x), -self._raise(x))

    @property
    def value(self):
        return Int.of_bits(self.bits, signed=True, narrow=self.narrow)

    def cost(self, x, lanes):
        if self.in_dsp:
            return Ops(addends=((lanes, self.term(x).width),), products=lanes)
        return Ops("and", lanes * x.width * self.bits, addends=((lanes * self.bits, x.width),))

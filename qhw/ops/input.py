"""The network's input: integer codes, or real values that the host quantizes to them."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..errors import ModelError
from ..ir import Op, Tensor
from ..num import Int, Rounding

__all__ = ["Input"]


@dataclass(frozen=True)
class Input(Op):
    """``real = scale * (code - zero)``."""

    kind = "input"
    integer = True

    shape: tuple[int, ...]
    codes: Int
    scale: Fraction = Fraction(1)
    zero: Fraction = Fraction(0)
    rounding: Rounding = Rounding.HALF_EVEN

    def infer(self, *xs):
        return Tensor(self.shape, self.codes, self.scale, self.zero)

    def evaluate(self, *xs):
        """Codes for the samples (N, *shape): integers are codes already, reals are quantized."""
        x, = xs
        if x.shape[1:] != self.shape:
            raise ModelError(f"Input must be (samples, {', '.join(map(str, self.shape))}), "
                             f"not {x.shape}")
        if x.dtype.kind in "iub":
            try:
                return self.codes.check(x.astype(np.int64), "Input codes")
            except ValueError as e:
                raise ModelError(str(e)) from None
        if x.dtype.kind != "f":
            raise ModelError(f"Input must be integer or floating point, not {x.dtype}")
        if not np.isfinite(x).all():
            raise ModelError("Input must be finite, and some of it is not a number or infinite")
        steps = self.rounding.real(x.astype(np.float64) / float(self.scale) + float(self.zero))
        return np.clip(steps, self.codes.lo, self.codes.hi).astype(np.int64)

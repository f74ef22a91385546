"""Batch normalization by shifts: the scales are the nearest powers of two.

Courbariaux et al., "Binarized Neural Networks", 2016 (arXiv 1602.02830), algorithm 3: at inference
y = (x - mean) * AP2(1 / std) * AP2(gamma) + beta, where AP2 rounds log2 of the magnitude.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from ..graph import Op, Tensor
from .real import Straight
from .spec import Arrays, Said, Spec

__all__ = ["ShiftNorm", "ap2"]


def ap2(z: np.ndarray) -> np.ndarray:
    """Computes the approximate power of two, sign(z) * 2**round(log2 |z|), and 0 for 0; ``z`` has
    any shape."""
    mantissa, exponent = np.frexp(np.abs(z))
    return np.sign(z) * np.ldexp(1.0, exponent - 1 + (mantissa > np.sqrt(0.5))) * (z != 0)


@dataclass(frozen=True, eq=False)
class ShiftNorm(Straight):
    """Batch normalization by shifts; the arrays are (channels,), ``inverse`` is 1 / std."""

    kind = "shift_norm"

    gamma: np.ndarray
    beta: np.ndarray
    mean: np.ndarray
    inverse: np.ndarray

    @property
    def slope(self) -> np.ndarray:
        """The factor of each channel, (channels,): powers of two of either sign."""
        return ap2(self.inverse) * ap2(self.gamma)

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        x.needs_channels(len(self.gamma), "parameters")
        return Tensor(x.shape)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return (x - self.mean) * self.slope + self.beta

    def line(self, channel: int) -> tuple[Fraction, Fraction]:
        slope, mean, beta = (Fraction(float(p[channel])) for p in (
            self.slope, self.mean, self.beta))
        return slope, beta - slope * mean


class ShiftNormSpec(Spec):
    type: Literal["shift_norm"]

    def op(self, arrays: Arrays) -> ShiftNorm:
        gamma = arrays.real(f"{self.name}.gamma", (-1,))
        return ShiftNorm(gamma, *(arrays.real(f"{self.name}.{what}", gamma.shape)
                                  for what in ("beta", "mean", "inverse")))

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, ShiftNorm):
            return None
        return {}, {what: getattr(op, what) for what in ("gamma", "beta", "mean", "inverse")}

"""Functions of codes by the reference kernels' integers, for tables and for the host.

Codes come in and go out less their zero points, as float64 that are integers.
"""

from dataclasses import dataclass
from math import floor, frexp

import numpy as np

from ...exact.num import Int
from ...layers.rescale import fixed_point
from . import fixed
from .fixed import ONE, divided, exp_negative, leading_zeros, product, rescaled
from .values import Coding, Unsupported

__all__ = ["Curve", "LogSoftmax", "Softmax"]

MOST = (1 << 31) - 1.0


def _radius(bits: int, shift: int) -> int:
    """The smallest distance from 0 at which a function is at its end."""
    return floor(((1 << bits) - 1) * 2.0 ** (31 - bits - shift))


@dataclass(frozen=True)
class Curve:
    """A sigmoid or hyperbolic tangent, of codes of 8 bits."""

    function: str
    x: Coding
    y: Coding

    def __post_init__(self) -> None:
        wanted = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}[self.function]
        if (self.x.codes, self.y.codes) != (Int(-128, 127),) * 2:
            raise Unsupported(f"{self.function} is supported of INT8 alone")
        if (float(self.y.scale), self.y.zero) != wanted:
            raise Unsupported(f"its output has the scale {self.y.scale} and zero point "
                              f"{self.y.zero}, and the kernel's are {wanted[0]} and {wanted[1]}")
        if float(self.x.scale) < 2.0**-26:
            raise Unsupported(f"its input's scale {self.x.scale} is too small")

    def __call__(self, x: np.ndarray) -> np.ndarray:
        x, (part, shift) = x.astype(np.int64), frexp(float(self.x.scale) * 2.0**27)
        radius = _radius(4, shift)
        inside = rescaled(np.clip(x, -radius, radius), round(part * 2.0**31), shift)
        made = (divided(fixed.logistic(inside, 4), 23) - 128 if self.function == "LOGISTIC"
                else divided(fixed.tanh(inside, 4), 24))
        made = np.where(x <= -radius, -128, np.where(x >= radius, 127, np.clip(made, -128, 127)))
        return (made - self.y.zero).astype(np.float64)


def _differences(x: np.ndarray, beta: float, scale: np.float32
                 ) -> tuple[np.ndarray, np.ndarray, int, tuple[int, int]]:
    """How far codes lie below the largest, as integers and with 5 integer bits; the farthest that
    counts; and multiplier and shift between both."""
    real = min(beta * float(scale) * 2.0**26, MOST)
    if real <= 1:
        raise Unsupported(f"its input's scale {scale} is too small")
    multiplier, shift = fixed_point(real)
    below = (x - x.max(axis=-1, keepdims=True)).astype(np.int64)
    least = -_radius(5, shift)
    return below, rescaled(np.maximum(below, least), multiplier, shift), least, (multiplier, shift)


@dataclass(frozen=True)
class Softmax:
    """``exp(x) / sum(exp(x))`` over the last dimension, of codes of 8 bits."""

    beta: float
    x: Coding
    y: Coding

    def __call__(self, x: np.ndarray) -> np.ndarray:
        below, scaled, least, _ = _differences(x, self.beta, self.x.scale)
        powers = np.where(below >= least, exp_negative(scaled, 5), 0)
        total = divided(powers, 12).sum(axis=-1, keepdims=True)
        zeros = leading_zeros(total)
        scale = fixed.inverse((total << zeros) - (1 << 31))
        right = 12 - zeros + 31 - self.y.codes.width
        made = divided(product(scale, powers), right) + self.y.codes.lo
        made = np.where(below >= least, made, self.y.codes.lo)
        return (np.clip(made, self.y.codes.lo, self.y.codes.hi) - self.y.zero).astype(np.float64)


@dataclass(frozen=True)
class LogSoftmax:
    """The logarithm of a softmax over the last dimension, of codes of 8 bits."""

    x: Coding
    y: Coding

    def __call__(self, x: np.ndarray) -> np.ndarray:
        below, scaled, least, (multiplier, shift) = _differences(x, 1.0, self.x.scale)
        powers = np.where(below >= least, exp_negative(scaled, 5), 0)
        total = fixed.log(divided(powers, 12).sum(axis=-1, keepdims=True), 12, 5)
        back, right = fixed_point((1 << 31 - shift) / multiplier)
        end = np.maximum(least - 1, rescaled(total - ONE - 1, back, right))
        made = divided(scaled - total, 22) + self.y.codes.hi
        made = np.where(below > end, np.clip(made, self.y.codes.lo, self.y.codes.hi),
                        self.y.codes.lo)
        return (made - self.y.zero).astype(np.float64)

"""Functions of codes in the integers of the reference kernels, for tables and for the host.

Inputs and outputs are codes minus their zero points, integers in float64."""

from dataclasses import dataclass
from math import floor, frexp, sqrt

import numpy as np

from ...exact.num import Int, Rounding, round_shift
from ...layers.rescale import divided, fixed_point, reduced, rescaled
from . import fixed
from .fixed import ONE, exp_negative, leading_zeros, product
from .values import Coding, Unsupported

__all__ = ["Absolute", "Curve", "Exponential", "HardSwish", "InverseRoot", "Leaky", "LogSoftmax",
           "Normalized", "SingleSigmoid", "SingleSoftmax", "Softmax", "fitting", "within"]

MOST = (1 << 31) - 1.0


def within(most: float, shift: int) -> None:
    """Unsupported if integers of the magnitude ``most``, shifted left by ``shift`` bits, leave the
    kernel's 32 bits."""
    if (reach := most * 2.0 ** max(shift, 0)) > MOST:
        raise Unsupported(f"its integers can reach {reach:.3g} where the kernel has 32 bits")


def fitting(real: float, most: float) -> tuple[int, int]:
    """Computes multiplier and shift of the scale ``real``; Unsupported if integers of the magnitude
    ``most``, shifted left, leave the kernel's 32 bits."""
    multiplier, shift = fixed_point(real)
    within(most, shift)
    return multiplier, shift


def _radius(bits: int, shift: int) -> int:
    """The smallest distance from 0 at which a function is at its end."""
    return floor(((1 << bits) - 1) * 2.0 ** (31 - bits - shift))


@dataclass(frozen=True)
class Curve:
    """A sigmoid or hyperbolic tangent of 8-bit codes."""

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
        if not 2.0**-26 <= float(self.x.scale) < 2.0**35:
            raise Unsupported(f"its input's scale {self.x.scale} is too small or too large")

    def __call__(self, x: np.ndarray) -> np.ndarray:
        x, (part, shift) = x.astype(np.int64), frexp(float(self.x.scale) * 2.0**27)
        radius = _radius(4, shift)
        inside = rescaled(np.clip(x, -radius, radius), round(part * 2.0**31), shift)
        made = (divided(fixed.logistic(inside, 4), 23) - 128 if self.function == "LOGISTIC"
                else divided(fixed.tanh(inside, 4), 24))
        made = np.where(x <= -radius, -128, np.where(x >= radius, 127, np.clip(made, -128, 127)))
        return (made - self.y.zero).astype(np.float64)


def _scaled(beta: float, scale: np.float32) -> tuple[int, int]:
    """Multiplier and shift from codes to 5 integer bits."""
    real = min(beta * float(scale) * 2.0**26, MOST)
    if not real > 1:
        raise Unsupported(f"its input's scale {scale} or its beta {beta} is too small")
    return fixed_point(real)


def _differences(x: np.ndarray, multiplier: int, shift: int
                 ) -> tuple[np.ndarray, np.ndarray, int]:
    """How far codes lie below the largest, as integers and with 5 integer bits, and the farthest
    that counts."""
    below = (x - x.max(axis=-1, keepdims=True)).astype(np.int64)
    least = -_radius(5, shift)
    return below, rescaled(np.maximum(below, least), multiplier, shift), least


@dataclass(frozen=True)
class Softmax:
    """``exp(x) / sum(exp(x))`` over the last dimension, of 8-bit codes."""

    beta: float
    x: Coding
    y: Coding

    def __post_init__(self) -> None:
        _scaled(self.beta, self.x.scale)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        below, scaled, least = _differences(x, *_scaled(self.beta, self.x.scale))
        powers = np.where(below >= least, exp_negative(scaled, 5), 0)
        total = divided(powers, 12).sum(axis=-1, keepdims=True)
        zeros = leading_zeros(total)
        scale = fixed.inverse((total << zeros) - (1 << 31))
        right = 12 - zeros + 31 - self.y.codes.width
        made = divided(product(scale, powers), right) + self.y.codes.lo
        made = np.where(below >= least, made, self.y.codes.lo)
        return (np.clip(made, self.y.codes.lo, self.y.codes.hi) - self.y.zero).astype(np.float64)


@dataclass(frozen=True)
class SingleSoftmax:
    """A softmax of real numbers over the last dimension, or with ``log`` its logarithm, in single
    precision and in the kernel's order."""

    beta: float
    log: bool

    def __call__(self, x: np.ndarray) -> np.ndarray:
        x = x.astype(np.float32)
        below = (x - x.max(axis=-1, keepdims=True)) * np.float32(self.beta)
        powers = np.exp(below)
        total = np.add.accumulate(powers, axis=-1)[..., -1:]
        return (below - np.log(total) if self.log else powers / total).astype(np.float64)


@dataclass(frozen=True)
class LogSoftmax:
    """The logarithm of a softmax over the last dimension, of 8-bit codes."""

    x: Coding
    y: Coding

    def __post_init__(self) -> None:
        _scaled(1.0, self.x.scale)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        multiplier, shift = _scaled(1.0, self.x.scale)
        below, scaled, least = _differences(x, multiplier, shift)
        powers = np.where(below >= least, exp_negative(scaled, 5), 0)
        total = fixed.log(divided(powers, 12).sum(axis=-1, keepdims=True), 12, 5)
        back, right = fixed_point((1 << 31 - shift) / multiplier)
        end = np.maximum(least - 1, rescaled(total - ONE - 1, back, right))
        made = divided(scaled - total, 22) + self.y.codes.hi
        made = np.where(below > end, np.clip(made, self.y.codes.lo, self.y.codes.hi),
                        self.y.codes.lo)
        return (made - self.y.zero).astype(np.float64)


@dataclass(frozen=True)
class Leaky:
    """A leaky rectifier: x, multiplied by ``alpha`` if x < 0."""

    alpha: float
    x: Coding
    y: Coding

    def __post_init__(self) -> None:
        for real in self._scales:
            fitting(real, self.x.most)

    @property
    def _scales(self) -> tuple[float, float]:
        """Of positive and of negative codes."""
        scale, out = float(self.x.scale), float(self.y.scale)
        return scale / out, scale * self.alpha / out

    def __call__(self, x: np.ndarray) -> np.ndarray:
        x = x.astype(np.int64)
        above, below = (rescaled(x, *fixed_point(real)) for real in self._scales)
        return _coded(np.where(x >= 0, above, below), self.y)


@dataclass(frozen=True)
class Absolute:
    """The magnitude of a code; the kernel leaves codes of one scale as they are."""

    x: Coding
    y: Coding

    def __post_init__(self) -> None:
        fitting(self._scale, self.x.most)

    @property
    def _scale(self) -> float:
        return float(self.x.scale) / float(self.y.scale)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return _coded(rescaled(np.abs(x.astype(np.int64)), *fixed_point(self._scale)), self.y)


@dataclass(frozen=True)
class Exponential:
    """``x`` if x >= 0, otherwise ``exp(x) - 1``, of 8-bit codes; a table that the kernel computes
    in single precision."""

    x: Coding
    y: Coding

    def __call__(self, x: np.ndarray) -> np.ndarray:
        real = self.x.scale * x.astype(np.float32)
        powers = np.exp(np.minimum(real, 0).astype(np.float64)).astype(np.float32)
        made = np.where(real < 0, powers - np.float32(1), real) * (np.float32(1) / self.y.scale)
        if np.abs(made).max() > MOST:
            raise Unsupported(f"its output's scale {self.y.scale} is too small for the kernel")
        return _coded(Rounding.HALF_AWAY.real(made).astype(np.int64), self.y)


@dataclass(frozen=True)
class Normalized:
    """Each row of 8-bit codes divided by its length, in steps of 1 / 128."""

    x: Coding
    y: Coding

    def __call__(self, x: np.ndarray) -> np.ndarray:
        x = x.astype(np.int64)
        multiplier, shift = fixed.inverse_root((x * x).sum(axis=-1, keepdims=True))
        made = np.clip(rescaled(x, multiplier, shift + 7), self.y.codes.lo, self.y.codes.hi)
        return (made - self.y.zero).astype(np.float64)


@dataclass(frozen=True)
class InverseRoot:
    """``1 / sqrt(x)`` of 8-bit codes; that of 0 is the largest code."""

    x: Coding
    y: Coding

    def __post_init__(self) -> None:
        if self.x.codes != Int(-128, 127) or self.x.zero != self.x.codes.lo:
            raise Unsupported("its input can be negative, or is not of INT8")
        if self._scale[1] < -11:
            raise Unsupported(f"its output's scale {self.y.scale} is too large for the kernel")
        within(1 << 20, self._scale[1] - 20)

    @property
    def _scale(self) -> tuple[int, int]:
        return fixed_point(1 / (sqrt(float(self.x.scale)) * float(self.y.scale)))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        multiplier, shift = self._scale
        inverse, right = fixed.inverse_root(x.astype(np.int64))
        made = rescaled(rescaled(np.ones(1, np.int64), inverse, right + 20), multiplier, shift - 20)
        return _coded(np.where(x == 0, 1 << 8, made), self.y)


@dataclass(frozen=True)
class SingleSigmoid:
    """A sigmoid of real numbers in single precision, with the kernel's ends."""

    def __call__(self, x: np.ndarray) -> np.ndarray:
        x = x.astype(np.float32)
        small, large = (np.exp(v.astype(np.float64)).astype(np.float32)
                        for v in (np.minimum(x, 0), -np.clip(x, -9, 20)))
        made = np.where(x < -9, small, np.float32(1) / (np.float32(1) + large))
        return np.where(x > np.float32(16.619047), np.float32(1), made).astype(np.float64)


def _coded(made: np.ndarray, y: Coding) -> np.ndarray:
    """Codes less their zero point, of which those beyond the ends are the ends."""
    return (np.clip(made + y.zero, y.codes.lo, y.codes.hi) - y.zero).astype(np.float64)


def _narrow(real: float) -> tuple[int, int]:
    """A multiplier of 15 bits and its shift."""
    multiplier, shift = fixed_point(real)
    return reduced(multiplier) >> 16, shift


def _saturated(a: np.ndarray) -> np.ndarray:
    return np.clip(a, -1 << 15, (1 << 15) - 1)


def _narrow_product(a: np.ndarray, b: np.ndarray | int) -> np.ndarray:
    return _saturated(round_shift(a * b, 15, Rounding.HALF_UP))


@dataclass(frozen=True)
class HardSwish:
    """``x * clip(x + 3, 0, 6) / 6`` of 8-bit codes, computed in 16 bits."""

    x: Coding
    y: Coding

    def __post_init__(self) -> None:
        if not -15 <= self._multipliers[0][1] <= 0:
            raise Unsupported(f"its output's scale {self.y.scale} is too small for the kernel's 16 "
                              f"bits, or too large")
        if not -15 <= self._multipliers[1][1] <= 16:
            raise Unsupported(f"its input's scale {self.x.scale} is too small for the kernel's 16 "
                              f"bits, or too large")

    @property
    def _multipliers(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Multiplier and shift of the output, and of the factor up to 1."""
        fine = float(self.x.scale) / 128
        return _narrow(fine / float(self.y.scale)), _narrow(fine / (3 / 32768))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        (multiplier, shift), (inner, left) = self._multipliers
        x = x.astype(np.int64) << 7
        scaled = _narrow_product(x, multiplier)
        gate = _saturated(x << max(left - 1, 0))
        gate = _narrow_product(gate, inner)
        gate = _saturated(gate << 1) if left > 0 else divided(gate, max(-left, 0))
        gate = (gate + (1 << 15)) >> 1
        made = round_shift(gate * scaled, 15, Rounding.ZERO)
        return _coded(divided(made, -shift), self.y)

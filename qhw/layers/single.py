"""Quantization of real numbers in single precision, as TensorFlow Lite's QUANTIZE computes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce

import numpy as np

from ..exact.cut import Cut
from ..exact.num import Int, Rounding
from ..graph import Tensor
from .quantize import Quantizer

__all__ = ["Parts", "SingleQuantize"]


@dataclass(frozen=True)
class SingleQuantize(Quantizer):
    """``clip(round(x / step) + zero)`` in float32: x, the step and their quotient are rounded to
    float32, then ties go away from zero.

    The scale is 1: a code stands for itself."""

    kind = "quantize"
    alike = True

    codes: Int
    step: float
    zero: int = 0

    scale = Fraction(1)

    @property
    def format(self) -> Tensor:
        return Tensor((), self.codes, self.scale, Fraction(self.zero))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        quotient = np.asarray(x, np.float32) / np.float32(self.step)
        steps = Rounding.HALF_AWAY.real(quotient.astype(np.float64)) + self.zero
        return np.clip(steps, self.codes.lo, self.codes.hi).astype(np.int64)

    def _one(self, x: np.float32) -> int:
        return int(self.evaluate(np.array(x)))

    def cuts(self, channel: int) -> Iterable[Cut]:
        return self._cuts

    @cached_property
    def _cuts(self) -> list[Cut]:
        return [self._cut(code) for code in range(self.codes.lo + 1, self.codes.hi + 1)]

    def _cut(self, code: int) -> Cut:
        """The real numbers that are rounded to a float32 of this code or a higher one."""
        first = np.float32((code - self.zero - 0.5) * self.step)
        while self._one(first) < code:
            first = np.nextafter(first, np.float32(np.inf))
        while self._one(below := np.nextafter(first, np.float32(-np.inf))) >= code:
            first = below
        half = (Fraction(float(first)) + Fraction(float(below))) / 2
        return Cut(half, strict=bool(first.view(np.int32) & 1))


@dataclass(frozen=True)
class Parts(Quantizer):
    """Quantizers of the ``parts`` of a vector, each with its number of elements; codes stand for
    themselves."""

    kind = "quantize"

    parts: tuple[tuple[int, Quantizer], ...]

    scale = Fraction(1)

    @property
    def format(self) -> Tensor:
        codes = reduce(Int.__or__, (part.format.integer for _, part in self.parts))
        return Tensor((), codes, self.scale)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        ends = np.cumsum([count for count, _ in self.parts])[:-1]
        pieces = np.split(xs[0], ends, axis=-1)
        return np.concatenate([part.evaluate(x) for x, (_, part) in
                               zip(pieces, self.parts, strict=True)], axis=-1)

    def cuts(self, channel: int) -> Iterable[Cut]:
        for count, part in self.parts:
            if channel < count:
                return part.cuts(0)
            channel -= count
        raise IndexError(channel)

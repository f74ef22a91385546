"""Quantizers of real values to codes: uniform steps, or the sign.

The uniform quantizer is QONNX's, ``clip(round(x / scale + zero), lo, hi)``, or ONNX's,
``clip(round(x / scale) + zero, lo, hi)``. With an odd zero point the two round ties differently."""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..exact.cut import Cut
from ..exact.cuts import Cuts
from ..exact.num import Int, Rounding
from ..graph import Op, Tensor
from .spec import Arrays, CodesSpec, Said, Scale, Spec, Whole, written

__all__ = ["Codes", "Quantize", "Quantizer", "Sign"]


class Quantizer(Op):
    """A monotone step function of a real value."""

    scale: Fraction

    @property
    @abstractmethod
    def format(self) -> Tensor:
        """The format of the codes, with an empty shape."""

    @abstractmethod
    def cuts(self, channel: int) -> Iterable[Cut]:
        """Returns the conditions under which the code is above each code but the highest, in rising
        order."""

    @property
    def table(self) -> np.ndarray | None:
        """The codes in rising order of their integers; None if they count up."""
        return None

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        made = self.format
        return replace(made, shape=x.shape)


@dataclass(frozen=True)
class Quantize(Quantizer):
    """A quantizer with uniform steps.

    ``multiplier_bits`` selects requantization by an integer multiplier of this many bits and a
    shift, which rounds the scale; 0 selects thresholds, which are exact. With ``zero_last`` the
    zero point is added to the rounded number, as ONNX's QuantizeLinear does."""

    kind = "quantize"
    alike = True

    codes: Int
    scale: Fraction
    zero: int = 0
    rounding: Rounding = Rounding.HALF_EVEN
    multiplier_bits: int = 0
    zero_last: bool = False

    @property
    def format(self) -> Tensor:
        return Tensor((), self.codes, self.scale, Fraction(self.zero))

    @property
    def zeros(self) -> tuple[int, int]:
        """The number added before rounding, and the number added after it."""
        return (0, self.zero) if self.zero_last else (self.zero, 0)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        before, after = self.zeros
        steps = self.rounding.real(x / float(self.scale) + before) + after
        return np.clip(steps, self.codes.lo, self.codes.hi).astype(np.int64)

    def cut(self, code: int) -> Cut:
        """Returns the condition under which this code or a higher one is reached."""
        before, after = self.zeros
        t, strict = self.rounding.reaches(code - after)
        return Cut((t - before) * self.scale, strict)

    @cached_property
    def every(self) -> Cuts:
        """The conditions of all codes but the lowest, in rising order."""
        before, after = self.zeros
        edges = _edges(self.rounding, self.codes.lo - after, self.codes.hi - after)
        return edges.through_affine(1 / Fraction(self.scale), Fraction(before))

    def cuts(self, channel: int) -> Cuts:
        return self.every


@lru_cache(maxsize=64)
def _edges(rounding: Rounding, lo: int, hi: int) -> Cuts:
    """The conditions under which a number is rounded to each integer but the lowest, or higher."""
    return Cuts.of([rounding.reaches(k) for k in range(lo + 1, hi + 1)])


@dataclass(frozen=True, eq=False)
class Codes(Op):
    """Quantization on the host: the real numbers that a quantizer's codes stand for."""

    kind = "codes"

    quantizer: Quantizer

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return Tensor(x.shape)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        return self.quantizer.format.integers(self.quantizer.evaluate(*xs)).astype(np.float64)


@dataclass(frozen=True)
class Sign(Quantizer):
    """+scale for x >= 0, otherwise -scale: one bit, whose real value is 2 * scale * (bit - 1/2).

    With ``of_zero`` -1, x = 0 becomes -scale."""

    kind = "sign"
    alike = True

    scale: Fraction = Fraction(1)
    of_zero: int = 1

    @property
    def format(self) -> Tensor:
        return Tensor((), Int(0, 1), 2 * self.scale, Fraction(1, 2))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return (x >= 0 if self.of_zero > 0 else x > 0).astype(np.int64)

    def cuts(self, channel: int) -> Iterable[Cut]:
        return [Cut(Fraction(0), strict=self.of_zero < 0)]


class QuantizeSpec(Spec, CodesSpec):
    type: Literal["quantize"]
    bits: Annotated[Whole, Field(ge=1, le=8)] | None = None
    multiplier_bits: Annotated[Whole, Field(ge=2, le=24)] | None = None
    zero_last: bool = False

    def op(self, arrays: Arrays) -> Quantize:
        return Quantize(self.interval, self.scale, self.zero_point, self.rounding,
                        self.multiplier_bits or 0, self.zero_last)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Quantize):
            return None
        keys = cls.format_keys(op.codes, op.scale, op.zero, op.rounding, most=8)
        keys |= {"multiplier_bits": op.multiplier_bits} if op.multiplier_bits else {}
        keys |= {"zero_last": True} if op.zero_last else {}
        return keys, {}


class SignSpec(Spec):
    type: Literal["sign"]
    scale: Scale = Fraction(1)
    of_zero: Literal[1, -1] = 1

    def op(self, arrays: Arrays) -> Sign:
        return Sign(self.scale, self.of_zero)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Sign):
            return None
        return {"scale": written(op.scale), "of_zero": op.of_zero}, {}

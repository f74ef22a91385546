"""Activation layers of ``model.toml``: one class a type, each turning itself into its op."""

from fractions import Fraction
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from ...exact.num import Rounding
from ...graph import Op
from ...layers import Quantize, Relu, Sign, Ternarize
from ...layers.levels import gaussian, logarithmic, minifloat, residual
from ...layers.run_time import BlockFloat, Residual
from ...ops import Requantize
from .fields import Codes, Layer, Scale, Whole, rational
from .weights import Weights

__all__ = ["AnyActivation"]


class ReluSpec(Layer):
    type: Literal["relu"]

    def op(self, weights: Weights) -> Op:
        return Relu()


class QuantizeSpec(Layer, Codes):
    type: Literal["quantize"]
    bits: Annotated[Whole, Field(ge=1, le=8)] | None = None
    multiplier_bits: Annotated[Whole, Field(ge=2, le=24)] | None = None

    def op(self, weights: Weights) -> Op:
        return Quantize(self.interval, self.scale, self.zero_point, self.rounding,
                        self.multiplier_bits or 0)


class SignSpec(Layer):
    type: Literal["sign"]
    scale: Scale = Fraction(1)
    of_zero: Literal[1, -1] = 1

    def op(self, weights: Weights) -> Op:
        return Sign(self.scale, self.of_zero)


class RequantizeSpec(Layer, Codes):
    type: Literal["requantize"]
    shift: Annotated[Whole, Field(ge=0, le=48)]
    first_shift: Annotated[Whole, Field(ge=0, le=48)] = 0
    rounding: Rounding = Rounding.HALF_UP

    def op(self, weights: Weights) -> Op:
        multiplier = weights.integer(f"{self.name}.multiplier", (-1,))
        offset = f"{self.name}.offset"
        return Requantize(
            multiplier,
            weights.integer(offset, multiplier.shape) if offset in weights
            else np.zeros_like(multiplier),
            self.shift, self.interval, self.zero_point, self.rounding, self.scale,
            self.first_shift)


class TernarySpec(Layer):
    type: Literal["ternary"]
    high: float | None = None
    low: float | None = None
    scale: Scale = Fraction(1)

    def op(self, weights: Weights) -> Op:
        high, low = (np.array([given]) if given is not None else
                     weights.real(f"{self.name}.{what}", (-1,))
                     for what, given in (("high", self.high), ("low", self.low)))
        if (low > high).any():
            raise ValueError("The low threshold is above the high one")
        return Ternarize(high, low, self.scale)


def _rationals(value: Any) -> Any:
    return [rational(v) for v in value] if isinstance(value, list) else value


Scales = Annotated[list[Fraction], BeforeValidator(_rationals), Field(min_length=1, max_length=255)]


class HwgqSpec(Layer):
    type: Literal["hwgq"]
    bits: Annotated[Whole, Field(ge=1, le=8)] = 2
    step: Scale = Fraction(538, 1000)
    levels: Scales | None = None
    level_bits: Annotated[Whole, Field(ge=2, le=16)] = 8

    def op(self, weights: Weights) -> Op:
        even = [self.step * k for k in range(1, 1 << self.bits)]
        return gaussian(self.levels or even, self.level_bits)


class LogSpec(Layer):
    type: Literal["log"]
    bits: Annotated[Whole, Field(ge=1, le=4)] = 3
    full_scale: Annotated[Whole, Field(ge=-256, le=256)] = 0
    signed: bool = False

    def op(self, weights: Weights) -> Op:
        return logarithmic(self.bits, self.full_scale, signed=self.signed)


class MinifloatSpec(Layer):
    type: Literal["minifloat"]
    exponent: Annotated[Whole, Field(ge=2, le=5)] = 4
    mantissa: Annotated[Whole, Field(ge=1, le=4)] = 3

    def op(self, weights: Weights) -> Op:
        return minifloat(self.exponent, self.mantissa)


class ResidualSpec(Layer):
    """With scales they are constants (static); without, each sample has its own (run time)."""

    type: Literal["residual"]
    scales: Scales | None = None
    planes: Annotated[Whole, Field(ge=1, le=3)] | None = None
    level_bits: Annotated[Whole, Field(ge=2, le=16)] = 8

    def op(self, weights: Weights) -> Op:
        if (self.scales is None) == (self.planes is None):
            raise ValueError("A residual layer has either scales or, for those of run time, planes")
        if self.scales is None:
            return Residual(self.planes or 1)
        return residual(self.scales, self.level_bits)


class BlockFloatSpec(Layer):
    type: Literal["block_float"]
    bits: Annotated[Whole, Field(ge=2, le=16)] = 8

    def op(self, weights: Weights) -> Op:
        return BlockFloat(self.bits)


AnyActivation = (ReluSpec | QuantizeSpec | SignSpec | RequantizeSpec | TernarySpec | HwgqSpec
                 | LogSpec | MinifloatSpec | ResidualSpec | BlockFloatSpec)

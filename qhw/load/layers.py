"""What may stand in ``model.toml``: one class a layer type, each turning itself into its op."""

from dataclasses import fields
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ..errors import ModelError
from ..ir import Op
from ..num import Int, Rounding
from ..ops import (
    ArgMax,
    BatchNorm,
    Dense,
    Flatten,
    Input,
    Quantize,
    Relu,
    Requantize,
    Sign,
)
from ..schemes import Codes as Quantized
from ..schemes import Scheme, schemes
from .weights import Weights

__all__ = ["Description"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, frozen=True)


def _rational(value: Any) -> Fraction:
    """A TOML number as it is, or a string such as ``"1/255"``."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("Input should be a number or a fraction in a string")
    try:
        number = Fraction(value)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise ValueError("Input should be a finite number or a fraction in a string") from None
    if number <= 0:
        raise ValueError("Input should be greater than 0")
    return number


def _scheme(value: Any) -> Scheme:
    """A name, or a table with a name and the scheme's parameters."""
    options = dict(value) if isinstance(value, dict) else {"name": value}
    name = options.pop("name", None)
    if name not in schemes:
        raise ValueError(f"Input should be a scheme ({', '.join(schemes)})")
    known = [f.name for f in fields(schemes[name])]  # type: ignore
    for key in options:
        if key not in known:
            raise ValueError(f"Scheme {name} has no parameter {key!r} "
                             f"(it has {', '.join(known) or 'none'})")
    return schemes[name](**options)


Whole = Annotated[int, Field(strict=True)]
Scale = Annotated[Fraction, BeforeValidator(_rational)]
AnyScheme = Annotated[Scheme, BeforeValidator(_scheme)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]


class Codes(Strict):
    """Integer codes: of so many bits, or a range."""

    bits: Annotated[Whole, Field(ge=1, le=16)] | None = None
    signed: bool = False
    narrow: bool = False
    range: tuple[Whole, Whole] | None = None
    scale: Scale = Fraction(1)
    zero_point: Whole = 0
    rounding: Rounding = Rounding.HALF_EVEN

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.bits is None) == (self.range is None):
            raise ValueError("There should be either bits or range")
        if self.range and self.range[0] >= self.range[1]:
            raise ValueError("The range should rise")
        if self.bits == 1 and self.signed and self.narrow:
            raise ValueError("One narrow signed bit leaves one value")
        return self

    @property
    def interval(self) -> Int:
        if self.range:
            return Int(*self.range)
        assert self.bits is not None
        return Int.of_bits(self.bits, signed=self.signed, narrow=self.narrow)


class InputSpec(Codes):
    shape: Annotated[list[Annotated[Whole, Field(ge=1)]], Field(min_length=1, max_length=4)]

    def op(self) -> Op:
        return Input(tuple(self.shape), self.interval, self.scale, Fraction(self.zero_point),
                     self.rounding)


class Layer(Strict):
    name: Name
    inputs: Annotated[list[Name], Field(min_length=1, max_length=1)] | None = None


class Fold(Strict):
    pe: Annotated[Whole, Field(ge=1)]
    simd: Annotated[Whole, Field(ge=1)]


class DenseSpec(Layer):
    type: Literal["dense"]
    units: Annotated[Whole, Field(ge=1)]
    scheme: AnyScheme
    per_channel: bool = True
    bias: bool | None = None
    fold: Fold | None = None

    def op(self, weights: Weights) -> Op:
        bias = f"{self.name}.bias"
        has_bias = bias in weights if self.bias is None else self.bias
        return Dense(self.scheme, self._weights(weights),
                     weights.real(bias, (self.units,)) if has_bias else None,
                     (self.fold.pe, self.fold.simd) if self.fold else None)

    def _weights(self, weights: Weights) -> Quantized:
        """Codes, scale and table as stored, or the scheme's own of the real weights."""
        name, scheme = f"{self.name}.codes", self.scheme
        if name not in weights:
            real = weights.real(f"{self.name}.weight", (self.units, -1))
            return scheme.quantize(real, per_channel=self.per_channel)
        codes = weights.integer(name, (scheme.rows(self.units), -1))
        scale = weights.positive(f"{self.name}.scale", (), (self.units,))
        shapes = scheme.tables(codes)
        table = weights.integer(f"{self.name}.table", *shapes) if shapes else None
        found = Quantized(codes, scale, table)
        foreign = codes[~np.isin(codes, scheme.codes(table))]
        if foreign.size:
            raise ModelError(f"{weights.path}: {name} has {foreign.flat[0]}, "
                             f"which is no code of {scheme}")
        return found


class BatchNormSpec(Layer):
    type: Literal["batch_norm"]
    epsilon: Annotated[float, Field(ge=0, lt=1)] = 1e-5

    def op(self, weights: Weights) -> Op:
        gamma = weights.real(f"{self.name}.gamma", (-1,))
        beta, mean, variance = (weights.real(f"{self.name}.{what}", gamma.shape)
                                for what in ("beta", "mean", "variance"))
        if variance.min() + self.epsilon <= 0:
            raise ModelError(f"{weights.path}: {self.name}.variance must be positive, "
                             f"not {variance.min()}")
        return BatchNorm(gamma, beta, mean, variance, self.epsilon)


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

    def op(self, weights: Weights) -> Op:
        return Sign(self.scale)


class RequantizeSpec(Layer, Codes):
    type: Literal["requantize"]
    shift: Annotated[Whole, Field(ge=0, le=48)]
    rounding: Rounding = Rounding.HALF_UP

    def op(self, weights: Weights) -> Op:
        multiplier = weights.integer(f"{self.name}.multiplier", (-1,))
        offset = f"{self.name}.offset"
        return Requantize(
            multiplier,
            weights.integer(offset, multiplier.shape) if offset in weights
            else np.zeros_like(multiplier),
            self.shift, self.interval, self.zero_point, self.rounding, self.scale)


class FlattenSpec(Layer):
    type: Literal["flatten"]

    def op(self, weights: Weights) -> Op:
        return Flatten()


class ArgmaxSpec(Layer):
    type: Literal["argmax"]

    def op(self, weights: Weights) -> Op:
        return ArgMax()


AnyLayer = Annotated[
    DenseSpec | BatchNormSpec | ReluSpec | QuantizeSpec | SignSpec | RequantizeSpec | FlattenSpec
    | ArgmaxSpec, Field(discriminator="type")]


class Description(Strict):
    """The whole file."""

    schema_version: Literal[1] = Field(alias="schema")
    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]
    description: str = ""
    input: InputSpec
    layer: Annotated[list[AnyLayer], Field(min_length=1)]

"""What may stand in ``model.toml``: one class a layer type, each turning itself into its op."""

from fractions import Fraction
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from ... import limits
from ...errors import ModelError
from ...exact.window import Window
from ...graph import Op
from ...layers import (
    Add,
    ArgMax,
    AveragePool,
    BatchNorm,
    Conv,
    Dense,
    Flatten,
    Input,
    Join,
    Linear,
    MaxPool,
    ShiftNorm,
)
from ...schemes import Codes as Quantized
from ...schemes import Scheme, make
from .activations import AnyActivation
from .fields import Codes, Layer, Name, Strict, Whole
from .weights import Weights

__all__ = ["Description"]


def _scheme(value: Any) -> Scheme | None:
    """A name, or a table with a name and the scheme's parameters; None is of "float"."""
    if value == "float":
        return None
    options = dict(value) if isinstance(value, dict) else {"name": value}
    return make(str(options.pop("name", None)), options)


AnyScheme = Annotated[Scheme | None, BeforeValidator(_scheme)]


class InputSpec(Codes):
    shape: Annotated[list[Annotated[Whole, Field(ge=1)]], Field(min_length=1, max_length=4)]

    def op(self) -> Op:
        return Input(tuple(self.shape), self.interval, self.scale, Fraction(self.zero_point),
                     self.rounding)


class Fold(Strict):
    pe: Annotated[Whole, Field(ge=1)]
    simd: Annotated[Whole, Field(ge=1)]


class Weighted(Layer):
    """Layers with weights, (units, inputs of one output)."""

    units: Annotated[Whole, Field(ge=1)]
    scheme: AnyScheme
    per_channel: bool = True
    bias: bool | None = None
    fold: Fold | None = None

    def _bias(self, weights: Weights) -> np.ndarray | None:
        bias = f"{self.name}.bias"
        has_bias = bias in weights if self.bias is None else self.bias
        return weights.real(bias, (self.units,)) if has_bias else None

    @property
    def _fold(self) -> tuple[int, int] | None:
        return (self.fold.pe, self.fold.simd) if self.fold else None

    def _weights(self, weights: Weights, scheme: Scheme) -> Quantized:
        """Codes, scale and table as stored, or the scheme's own of the real weights."""
        name = f"{self.name}.codes"
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


class DenseSpec(Weighted):
    type: Literal["dense"]
    storage: Literal["packed", "huffman", "trits"] = "packed"

    def op(self, weights: Weights) -> Op:
        bias = self._bias(weights)
        if self.scheme is None:
            return Linear(weights.real(f"{self.name}.weight", (self.units, -1)), bias)
        return Dense(self.scheme, self._weights(weights, self.scheme), bias, self._fold,
                     self.storage)


Pair = Annotated[list[Whole], Field(min_length=2, max_length=2)]


class Sliding(Layer):
    """Layers with a window; pairs are (rows, columns), pads (top, left, bottom, right)."""

    kernel: Pair
    stride: Pair = [1, 1]
    dilation: Pair = [1, 1]
    pads: Annotated[list[Whole], Field(min_length=4, max_length=4)] = [0, 0, 0, 0]

    @property
    def window(self) -> Window:
        (kh, kw), (sy, sx), (dy, dx) = self.kernel, self.stride, self.dilation
        up, left, down, right = self.pads
        return Window((kh, kw), (sy, sx), (dy, dx), (up, left, down, right))


class ConvSpec(Weighted, Sliding):
    type: Literal["conv"]
    groups: Annotated[Whole, Field(ge=1)] = 1

    def op(self, weights: Weights) -> Op:
        if self.scheme is None:
            raise ValueError("A convolution cannot have float weights")
        return Conv(self.scheme, self._weights(weights, self.scheme), self.window, self.groups,
                    self._fold, self._bias(weights))


class MaxPoolSpec(Sliding):
    type: Literal["max_pool"]

    def op(self, weights: Weights) -> Op:
        return MaxPool(self.window)


class AveragePoolSpec(Sliding):
    type: Literal["average_pool"]

    def op(self, weights: Weights) -> Op:
        return AveragePool(self.window)


class AddSpec(Layer):
    type: Literal["add"]
    inputs: Annotated[list[Name], Field(min_length=2, max_length=2)]    # type: ignore

    def op(self, weights: Weights) -> Op:
        return Add()


class ConcatSpec(Layer):
    type: Literal["concat"]
    inputs: Annotated[list[Name], Field(min_length=2, max_length=8)]    # type: ignore

    def op(self, weights: Weights) -> Op:
        return Join()


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


class ShiftNormSpec(Layer):
    type: Literal["shift_norm"]

    def op(self, weights: Weights) -> Op:
        gamma = weights.real(f"{self.name}.gamma", (-1,))
        return ShiftNorm(gamma, *(weights.real(f"{self.name}.{what}", gamma.shape)
                                  for what in ("beta", "mean", "inverse")))


class FlattenSpec(Layer):
    type: Literal["flatten"]

    def op(self, weights: Weights) -> Op:
        return Flatten()


class ArgmaxSpec(Layer):
    type: Literal["argmax"]

    def op(self, weights: Weights) -> Op:
        return ArgMax()


AnyLayer = Annotated[DenseSpec | ConvSpec | MaxPoolSpec | AveragePoolSpec | AddSpec | ConcatSpec
                     | BatchNormSpec | ShiftNormSpec | FlattenSpec | ArgmaxSpec | AnyActivation,
                     Field(discriminator="type")]


class Description(Strict):
    """The whole file."""

    schema_version: Literal[1] = Field(alias="schema")
    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=60)]
    description: str = ""
    input: InputSpec
    layer: Annotated[list[AnyLayer], Field(min_length=1, max_length=limits.NODES)]

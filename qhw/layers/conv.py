"""A convolution with quantized weights, real-valued: channels last, zeros around the image."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from .. import limits
from ..exact.window import Window
from ..graph import Op, PeSimd, Tensor
from ..schemes import Codes, Scheme
from .float_conv import FloatConv
from .spec import Arrays, Said, Sliding, Whole
from .sums import convolved, grouped
from .weighted import Weighted, WeightedSpec, weights_said

__all__ = ["Conv", "phases"]


@dataclass(frozen=True, eq=False)
class Conv(Weighted):
    """A convolution. ``weights.codes`` are (outputs, taps * inputs of a group), taps row by row,
    channels last."""

    kind = "conv"

    scheme: Scheme
    weights: Codes
    window: Window
    groups: int = 1
    fold: PeSimd | None = None
    bias: np.ndarray | None = None

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return convolved(x, self.integers.shape, self.window, self.groups)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return grouped(self.window.patches(x, 0.0), self.real, self.groups) + self.added


def phases(weights: np.ndarray, stride: tuple[int, int], before: tuple[int, int],
            size: tuple[int, ...], made: tuple[int, ...]) -> tuple[np.ndarray, Window]:
    """Makes the weights (stride, stride, outputs, rows, columns, inputs) and the window of an
    ordinary convolution that computes each phase of a transposed one.

    Output pixel ``stride * q + r - before`` sees input ``q - j`` through tap ``r + stride * j``.
    ValueError if the weights would be too many.

    Parameters
    ----------
    weights : (outputs, rows, columns, inputs), integers or floats
    stride : (vertical, horizontal), the pixels between two input pixels
    before : rows and columns that are cut off at the top and the left
    size : (height, width) of the input in pixels
    made : (height, width) of the output in pixels"""
    outputs, rows, columns, inputs = weights.shape
    taps = [-(-n // s) for n, s in zip((rows, columns), stride, strict=True)]
    if outputs * inputs * taps[0] * stride[0] * taps[1] * stride[1] > limits.ELEMENTS:
        raise ValueError(f"its strides {stride} are too large")
    full = np.zeros((outputs, taps[0] * stride[0], taps[1] * stride[1], inputs),
                    np.result_type(weights, np.int64))
    full[:, :rows, :columns] = weights
    split = full.reshape(outputs, taps[0], stride[0], taps[1], stride[1], inputs)
    parts = split[:, ::-1, :, ::-1].transpose(2, 4, 0, 1, 3, 5)
    counts = [-(-(n + b) // s) for n, b, s in zip(made, before, stride, strict=True)]
    bottom, right = (max(c - n, 0) for c, n in zip(counts, size, strict=True))
    return parts, Window((taps[0], taps[1]), pads=(taps[0] - 1, taps[1] - 1, bottom, right))


class ConvSpec(WeightedSpec, Sliding):
    type: Literal["conv"]
    groups: Annotated[Whole, Field(ge=1)] = 1

    def op(self, arrays: Arrays) -> Conv | FloatConv:
        bias = self._bias(arrays)
        if self.scheme is None:
            return FloatConv(self._real(arrays), self.window, self.groups, bias)
        return Conv(self.scheme, self._weights(arrays, self.scheme), self.window, self.groups,
                    self._fold, bias)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Conv | FloatConv):
            return None
        keys, arrays = weights_said(op)
        groups = {"groups": op.groups} if op.groups > 1 else {}
        return {**keys, **cls.keys(op.window), **groups}, arrays

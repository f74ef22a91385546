"""Activations with scales found at run time, one for every sample.

Residual planes: Li et al., "Performance Guaranteed Network Acceleration via High-Order Residual
Quantization", 2017 (arXiv 1708.08687), section 3; one plane equals XNOR-Net's K (Rastegari et al.,
2016, arXiv 1603.05279, section 3.2) of a dense layer. Block floating point: Koster et al.,
"Flexpoint", 2017 (arXiv 1711.02213), with an exponent for each vector. ``levels`` and ``quantize``
have the quantizers with constant scales."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..errors import ModelError
from ..graph import Op, Tensor
from .levels import Levels, Scales, residual
from .spec import Arrays, Said, Spec, Whole

__all__ = ["BlockFloat", "Residual", "RunTime"]


class RunTime(Op):
    """A real layer whose output has a scale for each sample."""

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        if len(x.shape) != 1:
            raise ModelError(f"it needs a vector, and its input has shape "
                             f"{x.shape}: put a flatten layer before it")
        return Tensor(x.shape)


@dataclass(frozen=True)
class Residual(RunTime):
    """The sum of ``planes`` planes; each is the sign of the residual times the residual's mean
    magnitude."""

    kind = "residual"

    planes: int = 1

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        rest, = xs
        made = np.zeros(rest.shape)
        for _ in range(self.planes):
            plane = np.where(rest >= 0, 1.0, -1.0) * np.abs(rest).mean(axis=1, keepdims=True)
            made, rest = made + plane, rest - plane
        return made


@dataclass(frozen=True)
class BlockFloat(RunTime):
    """Block floating point: mantissas of ``bits`` bits and one exponent for each sample, the least
    that holds its largest element."""

    kind = "block_float"

    bits: int = 8

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        """Computes as if the input were integers: exponents are relative to the input's steps."""
        return xs[0]


class ResidualSpec(Spec):
    """A table of residual planes. With ``scales`` these are constants; without, each sample has its
    own."""

    type: Literal["residual"]
    scales: Scales | None = None
    planes: Annotated[Whole, Field(ge=1, le=3)] | None = None
    level_bits: Annotated[Whole, Field(ge=2, le=16)] = 8

    def op(self, arrays: Arrays) -> Levels | Residual:
        if (self.scales is None) == (self.planes is None):
            raise ValueError("A residual layer has either scales or, for those of run time, planes")
        if self.scales is None:
            return Residual(self.planes or 1)
        return residual(self.scales, self.level_bits)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({"planes": op.planes}, {}) if isinstance(op, Residual) else None


class BlockFloatSpec(Spec):
    type: Literal["block_float"]
    bits: Annotated[Whole, Field(ge=2, le=16)] = 8

    def op(self, arrays: Arrays) -> BlockFloat:
        return BlockFloat(self.bits)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({"bits": op.bits}, {}) if isinstance(op, BlockFloat) else None

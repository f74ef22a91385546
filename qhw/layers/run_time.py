"""Activations with scales found at run time, one for every sample.

Residual planes: Li et al., "Performance Guaranteed Network Acceleration via High-Order Residual
Quantization", 2017 (arXiv 1708.08687), section 3; with one plane that is XNOR-Net's K (Rastegari
et al., 2016, arXiv 1603.05279, section 3.2) of a dense layer. Block floating point: Koster et al.,
"Flexpoint", 2017 (arXiv 1711.02213), with an exponent for each vector. Scales that are constants
are not here: they are the static modes, ``levels`` and ``quantize``.
"""

from dataclasses import dataclass

import numpy as np

from ..errors import ModelError
from ..graph import Op, Tensor

__all__ = ["BlockFloat", "Residual", "RunTime"]


class RunTime(Op):
    """A real layer whose output has a scale of its own for every sample."""

    def infer(self, *xs):
        x, = xs
        if len(x.shape) != 1:
            raise ModelError(f"its scales are those of a vector, and its input has shape "
                             f"{x.shape}: put a flatten layer before it")
        return Tensor(x.shape)


@dataclass(frozen=True)
class Residual(RunTime):
    """``planes`` of signs of what is left, each times the mean of its magnitude."""

    kind = "residual"

    planes: int = 1

    def evaluate(self, *xs):
        rest, = xs
        made = np.zeros(rest.shape)
        for _ in range(self.planes):
            plane = np.where(rest >= 0, 1.0, -1.0) * np.abs(rest).mean(axis=1, keepdims=True)
            made, rest = made + plane, rest - plane
        return made


@dataclass(frozen=True)
class BlockFloat(RunTime):
    """Mantissas of ``bits`` bits and the least exponent that holds the largest of a sample."""

    kind = "block_float"

    bits: int = 8

    def evaluate(self, *xs):
        """As if the input were integers: exponents are relative to its steps."""
        return xs[0]

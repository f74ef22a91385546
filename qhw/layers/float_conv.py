"""A convolution with float weights; hardware needs it quantized first."""

from dataclasses import dataclass

import numpy as np

from ..exact.window import Window
from ..graph import Tensor
from .floating import Floating
from .sums import convolved, grouped

__all__ = ["FloatConv"]


@dataclass(frozen=True, eq=False)
class FloatConv(Floating):
    """``weight`` is (outputs, taps * inputs of a group), taps row by row, channels last, ``bias``
    (outputs,)."""

    kind = "float conv"

    weight: np.ndarray
    window: Window
    groups: int = 1
    bias: np.ndarray | None = None

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return convolved(x, self.weight.shape, self.window, self.groups)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return grouped(self.window.patches(x, 0.0), self.weight, self.groups) + self.added

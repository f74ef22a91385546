"""A fully connected layer with float weights; hardware needs it quantized first."""

from dataclasses import dataclass

import numpy as np

from ..graph import Tensor
from .floating import Floating
from .sums import connected

__all__ = ["Linear"]


@dataclass(frozen=True, eq=False)
class Linear(Floating):
    """``weight`` is (outputs, inputs), ``bias`` (outputs,)."""

    kind = "float dense"

    weight: np.ndarray
    bias: np.ndarray | None = None

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return connected(x, self.weight.shape)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return x @ self.weight.T + self.added

"""A fully connected layer with quantized weights, real-valued: scale * (integers @ x) + bias."""

from dataclasses import dataclass

import numpy as np

from ..errors import ModelError
from ..graph import Tensor
from ..hw.units.matvec import Storage
from ..schemes import Codes, Scheme
from .weighted import Weighted

__all__ = ["Dense"]


@dataclass(frozen=True, eq=False)
class Dense(Weighted):
    """``weights.codes`` are (outputs, inputs)."""

    kind = "dense"

    scheme: Scheme
    weights: Codes
    bias: np.ndarray | None = None
    fold: tuple[int, int] | None = None
    storage: Storage = "packed"

    def infer(self, *xs):
        x, = xs
        outputs, inputs = self.integers.shape
        if x.channels != inputs:
            raise ModelError(f"its weights are {outputs} x {inputs}, and its input has shape "
                             f"{x.shape}, not ({inputs},)")
        return Tensor((*x.shape[:-1], outputs))

    def evaluate(self, *xs):
        x, = xs
        return x @ self.real.T + self.added

"""A fully connected layer with quantized weights, real-valued: scale * (integers @ x) + bias."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import ModelError
from ..hw.matvec import Storage
from ..ir import Op, Tensor
from ..schemes import Codes, Scheme

__all__ = ["Dense"]


@dataclass(frozen=True, eq=False)
class Dense(Op):
    """``weights`` are codes with their scale; ``bias`` is (outputs,).

    ``fold`` is (PE, SIMD) where the model asks for it.
    """

    kind = "dense"

    scheme: Scheme
    weights: Codes
    bias: np.ndarray | None = None
    fold: tuple[int, int] | None = None
    storage: Storage = "packed"

    @cached_property
    def integers(self) -> np.ndarray:
        """What the codes stand for, (outputs, inputs)."""
        return self.scheme.decode(self.weights.codes, self.weights.table)

    def infer(self, *xs):
        x, = xs
        outputs, inputs = self.integers.shape
        if x.channels != inputs:
            raise ModelError(f"its weights are {outputs} x {inputs}, and its input has shape "
                             f"{x.shape}, not ({inputs},)")
        return Tensor((*x.shape[:-1], outputs))

    def evaluate(self, *xs):
        x, = xs
        weights = self.integers * self.weights.scale.astype(np.float64).reshape(-1, 1)
        return x @ weights.T + (0 if self.bias is None else self.bias)

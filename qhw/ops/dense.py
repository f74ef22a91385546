"""A fully connected layer with quantized weights, real-valued: scale * (integers @ x) + bias."""

from dataclasses import dataclass

import numpy as np

from ..errors import ModelError
from ..ir import Op, Tensor
from ..schemes import Scheme

__all__ = ["Dense"]


@dataclass(frozen=True, eq=False)
class Dense(Op):
    """``codes`` is (outputs, inputs); ``scale`` (outputs,) or (); ``bias`` (outputs,).

    ``fold`` is (PE, SIMD) where the model asks for it.
    """

    kind = "dense"

    scheme: Scheme
    codes: np.ndarray
    scale: np.ndarray
    bias: np.ndarray | None = None
    fold: tuple[int, int] | None = None

    def infer(self, *xs):
        x, = xs
        outputs, inputs = self.codes.shape
        if x.shape != (inputs,):
            raise ModelError(f"its weights are {outputs} x {inputs}, and its input has shape "
                             f"{x.shape}, not ({inputs},)")
        return Tensor((outputs,))

    def evaluate(self, *xs):
        x, = xs
        weights = self.scheme.decode(self.codes) * self.scale.astype(np.float64).reshape(-1, 1)
        return x @ weights.T + (0 if self.bias is None else self.bias)

"""A fully connected layer with float weights; hardware needs it quantized first."""

from dataclasses import dataclass

import numpy as np

from ..errors import ModelError
from ..graph import Op, Tensor

__all__ = ["Linear"]


@dataclass(frozen=True, eq=False)
class Linear(Op):
    """``weight`` is (outputs, inputs), ``bias`` (outputs,)."""

    kind = "float dense"

    weight: np.ndarray
    bias: np.ndarray | None = None

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        outputs, inputs = self.weight.shape
        if x.shape != (inputs,):
            raise ModelError(f"its weights are {outputs} x {inputs}, and its input has shape "
                             f"{x.shape}, not ({inputs},)")
        return Tensor((outputs,))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return x @ self.weight.T + (0 if self.bias is None else self.bias)

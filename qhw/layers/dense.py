"""A fully connected layer with quantized weights, real-valued: scale * (integers @ x) + bias."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..graph import Op, PeSimd, Tensor
from ..hw.units.matvec import Storage
from ..schemes import Codes, Scheme
from .linear import Linear
from .spec import Arrays, Said
from .sums import connected
from .weighted import Weighted, WeightedSpec, weights_said

__all__ = ["Dense"]


@dataclass(frozen=True, eq=False)
class Dense(Weighted):
    """A fully connected layer. ``weights.codes`` are (outputs, inputs)."""

    kind = "dense"

    scheme: Scheme
    weights: Codes
    bias: np.ndarray | None = None
    fold: PeSimd | None = None
    storage: Storage = "packed"

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return connected(x, self.integers.shape)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return x @ self.real.T + self.added


class DenseSpec(WeightedSpec):
    type: Literal["dense"]
    storage: Literal["packed", "huffman", "trits"] = "packed"

    def op(self, arrays: Arrays) -> Dense | Linear:
        bias = self._bias(arrays)
        if self.scheme is None:
            return Linear(self._real(arrays), bias)
        return Dense(self.scheme, self._weights(arrays, self.scheme), bias, self._fold,
                     self.storage)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Dense | Linear):
            return None
        keys, arrays = weights_said(op)
        if isinstance(op, Dense) and op.storage != "packed":
            keys = {**keys, "storage": op.storage}
        return keys, arrays

"""What layers with quantized weights have in common."""

from functools import cached_property

import numpy as np

from ..graph import Op
from ..schemes import Codes, Scheme

__all__ = ["Weighted"]


class Weighted(Op):
    """``weights`` are codes of the ``scheme``, a row for each output; ``bias`` is (outputs,).

    ``fold`` is (PE, SIMD) where the model asks for it. Subclasses are dataclasses with these.
    """

    scheme: Scheme
    weights: Codes
    bias: np.ndarray | None
    fold: tuple[int, int] | None

    @cached_property
    def integers(self) -> np.ndarray:
        """What the codes stand for, (outputs, inputs of one)."""
        return self.scheme.decode(self.weights.codes, self.weights.table)

    @property
    def real(self) -> np.ndarray:
        """The weights, float64."""
        return self.integers * self.weights.scale.astype(np.float64).reshape(-1, 1)

    @property
    def added(self) -> np.ndarray:
        """The bias, or zeros."""
        return np.zeros(len(self.integers)) if self.bias is None else self.bias

"""Base class of layers with float weights; hardware needs them quantized first."""

import numpy as np

from ..graph import Op

__all__ = ["Floating"]


class Floating(Op):
    """A layer with the float weights ``weight``, (outputs, inputs of one group), and ``bias``
    (outputs,) or None.

    Subclasses are dataclasses with these fields."""

    weight: np.ndarray
    bias: np.ndarray | None

    @property
    def real(self) -> np.ndarray:
        """The weights, as layers with quantized weights call them."""
        return self.weight

    @property
    def added(self) -> np.ndarray:
        """Returns the bias, or zeros if there is none, (outputs,)."""
        return np.zeros(len(self.weight)) if self.bias is None else self.bias

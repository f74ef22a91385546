"""The interface of every layer, real or integer."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import numpy as np

from ..exact.held import whole
from .tensor import Tensor

__all__ = ["Op"]


class Op(ABC):
    """A layer, as a frozen dataclass; ``ops`` holds the layers that become hardware."""

    kind: ClassVar[str]
    integer: ClassVar[bool] = False
    """Whether ``evaluate`` maps integers to codes; otherwise it maps real values to real values."""

    alike: ClassVar[bool] = False
    """Whether ``cuts`` and ``pull`` of quantizers and real functions are equal for all channels."""

    raw: ClassVar[bool] = False
    """Whether ``evaluate`` receives codes undecoded."""

    moves: ClassVar[bool] = False
    """Whether ``evaluate`` only moves elements, in arrays of any type."""

    selects: ClassVar[bool] = False
    """Whether each output is one of the inputs, which can be codes."""

    averages: ClassVar[bool] = False
    """Whether outputs are means of a channel's elements."""

    homogeneous: ClassVar[bool] = False
    """Whether a positive factor of a channel passes through."""

    @abstractmethod
    def infer(self, *xs: Tensor) -> Tensor:
        """Infers shape and format of the output; ModelError if the inputs do not fit."""

    @abstractmethod
    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        """Computes the layer on a batch; arrays are (samples, *shape)."""

    def prepared(self, *xs: Tensor) -> Callable[..., np.ndarray]:
        """Prepares ``evaluate`` for inputs of the formats ``xs``, to be called often.

        Integers come in arrays of any type that holds them, and the results may be in any such
        type too: ``exact.held`` says which is fast."""
        if self.moves or not self.integer:
            return self.evaluate
        return lambda *values: self.evaluate(*(whole(value) for value in values))

"""The interface of every layer, real or integer."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

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

    @abstractmethod
    def infer(self, *xs: Tensor) -> Tensor:
        """Infers shape and format of the output; ModelError if the inputs do not fit."""

    @abstractmethod
    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        """Computes the layer on a batch; arrays are (samples, *shape)."""

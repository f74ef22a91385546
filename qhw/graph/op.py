"""What every layer answers, real or integer."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from .tensor import Tensor

__all__ = ["Op"]


class Op(ABC):
    """What a layer is, as a frozen dataclass; see ``ops`` for those that become hardware."""

    kind: ClassVar[str]
    integer: ClassVar[bool] = False
    """Whether ``evaluate`` maps the integers that codes stand for to codes; otherwise it is told
    real values."""

    alike: ClassVar[bool] = False
    """Whether ``cuts`` and ``pull`` of quantizers and real functions are the same for all
    channels."""

    raw: ClassVar[bool] = False
    """Whether ``evaluate`` is told the codes themselves, whatever they stand for."""

    @abstractmethod
    def infer(self, *xs: Tensor) -> Tensor:
        """The output's shape and format; ModelError if the inputs do not fit."""

    @abstractmethod
    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        """The layer's meaning on a batch: arrays are (samples, *shape)."""

"""max(x, 0)."""

from dataclasses import dataclass

import numpy as np

from ..exact.cut import Cut
from .real import Monotone

__all__ = ["Relu"]


@dataclass(frozen=True)
class Relu(Monotone):
    kind = "relu"
    alike = True

    def evaluate(self, *xs):
        x, = xs
        return np.maximum(x, 0)

    def pull(self, cut: Cut, channel: int) -> Cut:
        return cut.through_relu()

"""max(x, 0)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..exact.cuts import AnyCut
from ..graph import Op
from .real import Monotone
from .spec import Arrays, Said, Spec

__all__ = ["Relu"]


@dataclass(frozen=True)
class Relu(Monotone):
    kind = "relu"
    alike = homogeneous = True

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return np.maximum(x, 0)

    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        return cut.through_relu()


class ReluSpec(Spec):
    type: Literal["relu"]

    def op(self, arrays: Arrays) -> Relu:
        return Relu()

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({}, {}) if type(op) is Relu else None

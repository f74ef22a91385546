"""Flattens all dimensions to one, channels last; the stream stays the same."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..graph import Op
from ..graph.tensor import Tensor
from .spec import Arrays, Said, Spec

__all__ = ["Flatten"]


@dataclass(frozen=True)
class Flatten(Op):
    kind = "flatten"
    integer = True
    raw = True
    moves = True

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return replace(x, shape=(x.size,))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return x.reshape(len(x), -1)


class FlattenSpec(Spec):
    type: Literal["flatten"]

    def op(self, arrays: Arrays) -> Flatten:
        return Flatten()

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({}, {}) if type(op) is Flatten else None

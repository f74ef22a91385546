"""The class with the largest score, of each pixel if there are several."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..exact.num import Int
from ..graph import Op, Tensor
from .spec import Arrays, Said, Spec

__all__ = ["ArgMax"]


@dataclass(frozen=True)
class ArgMax(Op):
    """The index of the largest element of the last dimension. Among equal elements the first
    counts, or the last with ``last``."""

    kind = "argmax"

    last: bool = False

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        if x.channels < 2:
            raise ValueError(f"Argmax needs at least 2 classes, and its input has {x.shape}")
        return Tensor((*x.shape[:-1], 1), Int(0, x.channels - 1))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        if self.last:
            return x.shape[-1] - 1 - x[..., ::-1].argmax(axis=-1)[..., None]
        return x.argmax(axis=-1)[..., None]


class ArgMaxSpec(Spec):
    type: Literal["argmax"]
    last: bool = False

    def op(self, arrays: Arrays) -> ArgMax:
        return ArgMax(self.last)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, ArgMax):
            return None
        return {"last": True} if op.last else {}, {}

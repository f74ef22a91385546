"""Softmax over the last dimension, and its logarithm: operators across elements, for the host."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..graph import Op, Tensor
from .spec import Arrays, Said, Spec

__all__ = ["Ending", "Last", "Place", "Softmax"]


class Ending(Op):
    """A layer that the host computes, together with all layers behind it."""

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return Tensor(x.shape)


@dataclass(frozen=True)
class Softmax(Ending):
    """``exp(x) / sum(exp(x))``, or with ``log`` its logarithm, computed without log(0).

    The largest element is subtracted first. This prevents overflow and does not change the result.
    """

    kind = "softmax"

    log: bool = False

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        below = x - x.max(axis=-1, keepdims=True)
        total = np.exp(below).sum(axis=-1, keepdims=True)
        return below - np.log(total) if self.log else np.exp(below) / total


@dataclass(frozen=True)
class Place(Ending):
    """The index of the largest element of the last dimension, or of the least; the first of equals.
    """

    kind = "place"

    least: bool = False

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return Tensor((*x.shape[:-1], 1))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return (x.argmin if self.least else x.argmax)(axis=-1)[..., None].astype(np.float64)


@dataclass(frozen=True)
class Last(Ending):
    """A function of real numbers, of each element or along the last dimension, as a file defines
    it."""

    kind = "last"

    name: str
    function: Callable[[np.ndarray], np.ndarray]

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        return self.function(*xs)


class SoftmaxSpec(Spec):
    type: Literal["softmax"]
    log: bool = False

    def op(self, arrays: Arrays) -> Softmax:
        """Makes the layer, or its logarithm."""
        return Softmax(self.log)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({"log": True} if op.log else {}, {}) if isinstance(op, Softmax) else None

"""Softmax over the last dimension, and its logarithm: operators that mix elements, for the host."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..graph import Op, Tensor

__all__ = ["Ending", "Last", "Softmax"]


class Ending(Op):
    """A layer that the host computes, and with it all layers behind it."""

    def infer(self, *xs):
        x, = xs
        return Tensor(x.shape)


@dataclass(frozen=True)
class Softmax(Ending):
    """``exp(x) / sum(exp(x))``; with ``log`` its logarithm, which never becomes log(0).

    Both subtract the largest element first, which changes nothing but overflows.
    """

    kind = "softmax"

    log: bool = False

    def evaluate(self, *xs):
        x, = xs
        below = x - x.max(axis=-1, keepdims=True)
        total = np.exp(below).sum(axis=-1, keepdims=True)
        return below - np.log(total) if self.log else np.exp(below) / total


@dataclass(frozen=True)
class Last(Ending):
    """A function of real numbers, of each element or of the last dimension, as a file defines it.
    """

    kind = "last"

    name: str
    function: Callable[[np.ndarray], np.ndarray]

    def evaluate(self, *xs):
        return self.function(*xs)

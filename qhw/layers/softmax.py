"""Softmax over the last dimension, and its logarithm: operators that mix elements, for the host."""

from dataclasses import dataclass

import numpy as np

from ..graph import Op, Tensor

__all__ = ["Softmax"]


@dataclass(frozen=True)
class Softmax(Op):
    """``exp(x) / sum(exp(x))``; with ``log`` its logarithm, which never becomes log(0).

    Both subtract the largest element first, which changes nothing but overflows.
    """

    kind = "softmax"

    log: bool = False

    def infer(self, *xs):
        x, = xs
        return Tensor(x.shape)

    def evaluate(self, *xs):
        x, = xs
        below = x - x.max(axis=-1, keepdims=True)
        total = np.exp(below).sum(axis=-1, keepdims=True)
        return below - np.log(total) if self.log else np.exp(below) / total

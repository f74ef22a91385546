"""Pooling: the maximum or the mean of the elements under a window, channel by channel."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..errors import ModelError
from ..exact.window import Window
from ..graph import Op, Tensor
from .spec import Arrays, Said, Sliding

__all__ = ["AveragePool", "MaxPool", "pooled", "seeing"]


@dataclass(frozen=True)
class Pool(Op):
    """A function of the elements under each window, channel by channel."""

    window: Window

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return Tensor(pooled(self.window, x))


@dataclass(frozen=True)
class MaxPool(Pool):
    """The maximum under a window; pads do not count."""

    kind = "max_pool"
    selects = homogeneous = True

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return Tensor(seeing(self.window, x, pooled(self.window, x)))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return self.window.patches(x.astype(np.float64), -np.inf).max(axis=(3, 4))


@dataclass(frozen=True)
class AveragePool(Pool):
    """The mean under a window; pads count as zeros."""

    kind = "average_pool"
    averages = homogeneous = True

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return self.window.patches(x.astype(np.float64), 0).mean(axis=(3, 4))


def pooled(window: Window, x: Tensor) -> tuple[int, int, int]:
    """Computes the shape of the pooled image; ModelError if ``x`` is no image."""
    if len(x.shape) != 3:
        raise ModelError(f"pooling needs rows, columns and channels, and its input is {x.shape}")
    return (*window.outputs(*x.shape[:2]), x.channels)


def seeing(window: Window, x: Tensor, shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """Returns ``shape``; ModelError if ``window`` covers nothing but pads of the image ``x``."""
    if window.blind(*x.shape[:2]):
        raise ModelError(f"some of its windows cover only the pads {window.pads} and have no "
                         f"maximum")
    return shape


class MaxPoolSpec(Sliding):
    type: Literal["max_pool"]

    def op(self, arrays: Arrays) -> MaxPool:
        return MaxPool(self.window)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return (cls.keys(op.window), {}) if type(op) is MaxPool else None


class AveragePoolSpec(Sliding):
    type: Literal["average_pool"]

    def op(self, arrays: Arrays) -> AveragePool:
        return AveragePool(self.window)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return (cls.keys(op.window), {}) if type(op) is AveragePool else None

"""Layers that only move elements: they keep codes as they are."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from ..errors import ModelError
from ..graph import Op, Tensor

__all__ = ["Arrange", "Recode", "Reshape"]


@dataclass(frozen=True)
class Reshape(Op):
    """Other dimensions for the same elements in the same order; in a stream nothing changes."""

    kind = "reshape"
    integer = True
    raw = True

    shape: tuple[int, ...]

    def infer(self, *xs):
        x, = xs
        if x.size != int(np.prod(self.shape)):
            raise ModelError(f"{x.size} elements do not have the shape {self.shape}")
        return replace(x, shape=self.shape)

    def evaluate(self, *xs):
        x, = xs
        return x.reshape(len(x), *self.shape)


@dataclass(frozen=True, eq=False)
class Arrange(Op):
    """Elements ``places`` of the flat tensor, in the shape that ``places`` has: on the host."""

    kind = "arrange"

    places: np.ndarray

    @cached_property
    def last(self) -> int:
        return int(self.places.max())

    def infer(self, *xs):
        x, = xs
        if self.last >= x.size:
            raise ModelError(f"there is no element {self.last} of {x.size}")
        return Tensor(self.places.shape)

    def evaluate(self, *xs):
        x, = xs
        return x.reshape(len(x), -1)[:, self.places]


@dataclass(frozen=True)
class Recode(Op):
    """The same codes, taken to stand for other values."""

    kind = "recode"
    integer = True
    raw = True

    scale: Fraction
    zero: Fraction

    def infer(self, *xs):
        x, = xs
        return replace(x, scale=self.scale, zero=self.zero)

    def evaluate(self, *xs):
        return xs[0]

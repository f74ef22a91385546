"""Flattens all dimensions to one, channels last; the stream stays the same."""

from dataclasses import dataclass, replace
from typing import Literal

from ..graph import Op
from .spec import Arrays, Spec

__all__ = ["Flatten"]


@dataclass(frozen=True)
class Flatten(Op):
    kind = "flatten"
    integer = True
    raw = True
    moves = True

    def infer(self, *xs):
        x, = xs
        return replace(x, shape=(x.size,))

    def evaluate(self, *xs):
        x, = xs
        return x.reshape(len(x), -1)


class FlattenSpec(Spec):
    type: Literal["flatten"]

    def op(self, arrays: Arrays) -> Flatten:
        return Flatten()

"""Concatenation of the channels of several branches."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..errors import ModelError
from ..graph import Op, Tensor
from .spec import Arrays, Name, Said, Spec

__all__ = ["Join", "joined"]


@dataclass(frozen=True)
class Join(Op):
    """The channels of real tensors, concatenated in order."""

    kind = "join"

    def infer(self, *xs: Tensor) -> Tensor:
        return Tensor(joined(xs))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        return np.concatenate(xs, axis=-1)


def joined(xs: tuple[Tensor, ...]) -> tuple[int, ...]:
    """Computes the shape of tensors whose channels are concatenated; ModelError if other dimensions
    differ."""
    first = xs[0].shape
    if any(x.shape[:-1] != first[:-1] for x in xs):
        raise ModelError(f"it joins the channels of {' and '.join(str(x.shape) for x in xs)}, "
                         f"and their other dimensions must be equal")
    return (*first[:-1], sum(x.channels for x in xs))


class JoinSpec(Spec):
    type: Literal["concat"]
    inputs: Annotated[list[Name], Field(min_length=2, max_length=8)]    # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]

    def op(self, arrays: Arrays) -> Join:
        return Join()

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({}, {}) if type(op) is Join else None

"""The sum of two branches."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..errors import ModelError
from ..graph import Op, Tensor
from .spec import Arrays, Name, Said, Spec

__all__ = ["Add"]


@dataclass(frozen=True)
class Add(Op):
    """The sum of two real tensors."""

    kind = "add"

    def infer(self, *xs: Tensor) -> Tensor:
        a, b = xs
        if a.shape != b.shape:
            raise ModelError(f"it adds {a.shape} and {b.shape}, and shapes must be equal")
        return Tensor(a.shape)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        return xs[0] + xs[1]


class AddSpec(Spec):
    type: Literal["add"]
    inputs: Annotated[list[Name], Field(min_length=2, max_length=2)]    # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]

    def op(self, arrays: Arrays) -> Add:
        return Add()

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({}, {}) if type(op) is Add else None

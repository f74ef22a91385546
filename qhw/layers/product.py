"""The product of two tensors, element by element."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..errors import ModelError
from ..graph import Op, Tensor
from .spec import Arrays, Name, Said, Spec

__all__ = ["Product"]


@dataclass(frozen=True)
class Product(Op):
    """The product of two real tensors of one shape, element by element."""

    kind = "product"

    def infer(self, *xs: Tensor) -> Tensor:
        a, b = xs
        if a.shape != b.shape:
            raise ModelError(f"it multiplies {a.shape} and {b.shape}")
        return Tensor(a.shape)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        return xs[0] * xs[1]


class ProductSpec(Spec):
    type: Literal["multiply"]
    inputs: Annotated[list[Name], Field(min_length=2, max_length=2)]    # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]

    def op(self, arrays: Arrays) -> Product:
        return Product()

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({}, {}) if type(op) is Product else None

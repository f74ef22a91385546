"""Layers that only move elements: they keep codes as they are."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..errors import ModelError
from ..graph import Op, Tensor
from .spec import Arrays, Number, Said, Scale, Spec, Whole, written

__all__ = ["Arrange", "Recode", "Reshape"]


@dataclass(frozen=True)
class Reshape(Op):
    """Changes the dimensions; the elements keep their order, so the stream stays the same."""

    kind = "reshape"
    integer = True
    raw = True
    moves = True

    shape: tuple[int, ...]

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        if x.size != int(np.prod(self.shape)):
            raise ModelError(f"{x.size} elements do not have the shape {self.shape}")
        return replace(x, shape=self.shape)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return x.reshape(len(x), *self.shape)


@dataclass(frozen=True, eq=False)
class Arrange(Op):
    """Gathers elements by their index in the flat tensor, on the host; the output has the shape of
    ``places``."""

    kind = "arrange"

    places: np.ndarray

    @cached_property
    def last(self) -> int:
        return int(self.places.max())

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        if self.last >= x.size:
            raise ModelError(f"there is no element {self.last} of {x.size}")
        return Tensor(self.places.shape)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return x.reshape(len(x), -1)[:, self.places]


@dataclass(frozen=True)
class Recode(Op):
    """Changes the scale and the zero point of codes that stay the same."""

    kind = "recode"
    integer = True
    raw = True
    moves = True

    scale: Fraction
    zero: Fraction

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return replace(x, scale=self.scale, zero=self.zero)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        return xs[0]


class ReshapeSpec(Spec):
    type: Literal["reshape"]
    shape: Annotated[list[Annotated[Whole, Field(ge=1)]], Field(min_length=1, max_length=4)]

    def op(self, arrays: Arrays) -> Reshape:
        """Makes the layer, whose shape is without the batch."""
        return Reshape(tuple(self.shape))

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({"shape": list(op.shape)}, {}) if isinstance(op, Reshape) else None


class ArrangeSpec(Spec):
    type: Literal["arrange"]
    shape: Annotated[list[Annotated[Whole, Field(ge=1)]], Field(min_length=1, max_length=4)]

    def op(self, arrays: Arrays) -> Arrange:
        """Makes the layer; ValueError if an index is negative."""
        places = arrays.integer(f"{self.name}.places", tuple(self.shape))
        if places.min() < 0:
            raise ValueError(f"Place {places.min()} is negative")
        return Arrange(places)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Arrange):
            return None
        return {"shape": list(op.places.shape)}, {"places": op.places}


class RecodeSpec(Spec):
    type: Literal["recode"]
    scale: Scale
    zero: Number

    def op(self, arrays: Arrays) -> Recode:
        """Makes the layer, whose zero point may be a fraction."""
        return Recode(self.scale, self.zero)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Recode):
            return None
        return {"scale": written(op.scale), "zero": written(op.zero)}, {}

"""Pydantic models of the layers' tables in ``model.toml``; each layer's file has its own model.

A subclass of ``Spec`` with a field ``type: Literal["..."]`` registers itself under that name."""

from abc import abstractmethod
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, Self, get_args

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ..exact.num import Int, Rounding
from ..exact.window import Window
from ..graph import Op
from ..tools.numbers import scale_of

__all__ = ["Arrays", "CodesSpec", "Name", "Scale", "Sliding", "Spec", "Strict", "Two", "Whole",
           "rational"]


class Arrays(Protocol):
    """The arrays beside a ``model.toml``, by name.

    Each method raises ModelError if the array is missing or does not fit. In ``shapes``, -1 stands
    for any size."""

    path: Path

    def __contains__(self, name: str, /) -> bool: ...

    def real(self, name: str, *shapes: tuple[int, ...]) -> np.ndarray:
        """Returns finite numbers, float64, in one of the shapes."""
        ...

    def positive(self, name: str, *shapes: tuple[int, ...]) -> np.ndarray:
        """Returns finite positive numbers, float64, in one of the shapes."""
        ...

    def integer(self, name: str, *shapes: tuple[int, ...]) -> np.ndarray:
        """Returns integers, int64, in one of the shapes."""
        ...


class Strict(BaseModel):
    """A table without unknown keys."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, frozen=True)


def rational(value: Any) -> Fraction:
    """Parses a TOML number, or a string such as ``"1/255"``, to an exact fraction; ValueError
    otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("Input should be a number or a fraction in a string")
    return scale_of(value)


Whole = Annotated[int, Field(strict=True)]
Scale = Annotated[Fraction, BeforeValidator(rational)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]
Two = Annotated[list[Whole], Field(min_length=2, max_length=2)]


class CodesSpec(Strict):
    """The format of integer codes: ``bits`` bits, or a ``range`` (lo, hi)."""

    bits: Annotated[Whole, Field(ge=1, le=16)] | None = None
    signed: bool = False
    narrow: bool = False
    range: tuple[Whole, Whole] | None = None
    scale: Scale = Fraction(1)
    zero_point: Whole = 0
    rounding: Rounding = Rounding.HALF_EVEN

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.bits is None) == (self.range is None):
            raise ValueError("There should be either bits or range")
        if self.range and self.range[0] >= self.range[1]:
            raise ValueError("The range should rise")
        if self.bits == 1 and self.signed and self.narrow:
            raise ValueError("One narrow signed bit leaves one value")
        return self

    @property
    def interval(self) -> Int:
        if self.range:
            return Int(*self.range)
        assert self.bits is not None
        return Int.of_bits(self.bits, signed=self.signed, narrow=self.narrow)


class Spec(Strict):
    """A table ``[[layer]]`` of a ``model.toml``; ``op`` makes the layer from it."""

    types: ClassVar[dict[str, type["Spec"]]] = {}
    """All layers of ``model.toml``, by their ``type``."""

    name: Name
    inputs: Annotated[list[Name], Field(min_length=1, max_length=1)] | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if field := cls.model_fields.get("type"):
            word, = get_args(field.annotation)
            Spec.types[word] = cls

    @abstractmethod
    def op(self, arrays: Arrays) -> Op:
        """Makes the layer; ValueError or ModelError, in one line, if the table does not describe
        one."""


class Sliding(Spec):
    """Layers with a window; pairs are (rows, columns), pads (top, left, bottom, right)."""

    kernel: Two
    stride: Two = [1, 1]
    dilation: Two = [1, 1]
    pads: Annotated[list[Whole], Field(min_length=4, max_length=4)] = [0, 0, 0, 0]

    @property
    def window(self) -> Window:
        (kh, kw), (sy, sx), (dy, dx) = self.kernel, self.stride, self.dilation
        up, left, down, right = self.pads
        return Window((kh, kw), (sy, sx), (dy, dx), (up, left, down, right))

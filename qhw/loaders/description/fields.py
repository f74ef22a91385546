"""What the tables of ``model.toml`` have in common."""

from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ...exact.num import Int, Rounding
from ..outside import scale_of

__all__ = ["Codes", "Layer", "Name", "Scale", "Strict", "Whole", "rational"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, frozen=True)


def rational(value: Any) -> Fraction:
    """A TOML number as it is, or a string such as ``"1/255"``."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("Input should be a number or a fraction in a string")
    return scale_of(value)


Whole = Annotated[int, Field(strict=True)]
Scale = Annotated[Fraction, BeforeValidator(rational)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]


class Codes(Strict):
    """Integer codes: of so many bits, or a range."""

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


class Layer(Strict):
    name: Name
    inputs: Annotated[list[Name], Field(min_length=1, max_length=1)] | None = None

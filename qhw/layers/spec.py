"""Pydantic models of the layers' tables in ``model.toml``; each layer's file has its own model.

A subclass of ``Spec`` with a field ``type: Literal["..."]`` registers itself under that name."""

from abc import abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, Self, get_args

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from .. import limits
from ..exact.num import Int, Rounding
from ..exact.window import Window
from ..graph import Op
from ..tools.members import enrol
from ..tools.numbers import number_of, scale_of
from ..tools.typed import Json, JsonObject

__all__ = ["Arrays", "CodesSpec", "Name", "Number", "Rationals", "Said", "Scale", "Sliding", "Spec",
           "Strict", "Two", "Whole", "floats", "rational", "written"]


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


def number(value: Any) -> Fraction:
    """Parses a TOML number or a fraction in a string, of any sign, to an exact fraction; ValueError
    otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("Input should be a number or a fraction in a string")
    return number_of(value)


def written(value: Fraction) -> int | float | str:
    """Writes a fraction as a TOML number if that is exact, otherwise as a string."""
    if value.denominator == 1 and abs(value) < 1 << limits.INTEGER_BITS:
        return int(value)
    exact = abs(value) < 1 << limits.EXPONENT and Fraction(float(value)) == value
    return float(value) if exact else str(value)


def floats(numbers: Sequence[Fraction]) -> np.ndarray | None:
    """Returns the numbers as float64, (count,); None if that is not exact."""
    exact = all(abs(n) < 1 << limits.EXPONENT and Fraction(float(n)) == n for n in numbers)
    return np.array(numbers, np.float64) if exact else None


Said = tuple[JsonObject, dict[str, np.ndarray]]
"""A layer as its table says it: the keys besides name, type and inputs, and the arrays by the words
behind the layer's name."""

Number = Annotated[Fraction, BeforeValidator(number)]
Rationals = Annotated[list[Number], Field(min_length=1, max_length=limits.CHANNELS)]
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
        if self.without_codes():
            if self.bits is not None or self.range:
                raise ValueError("Real numbers have neither bits nor range")
            return self
        if (self.bits is None) == (self.range is None):
            raise ValueError("There should be either bits or range")
        if self.range and self.range[0] >= self.range[1]:
            raise ValueError("The range should rise")
        if self.bits == 1 and self.signed and self.narrow:
            raise ValueError("One narrow signed bit leaves one value")
        return self

    def without_codes(self) -> bool:
        """Whether the numbers are real."""
        return False

    @property
    def interval(self) -> Int:
        if self.range:
            return Int(*self.range)
        assert self.bits is not None
        return Int.of_bits(self.bits, signed=self.signed, narrow=self.narrow)

    @staticmethod
    def format_keys(codes: Int, scale: Fraction, zero: int, rounding: Rounding,
                    default: Rounding = Rounding.HALF_EVEN, most: int = 16) -> dict[str, Json]:
        """Makes the keys of a number format that are not as they are by default.

        Parameters
        ----------
        codes : interval of the codes
        scale : worth of a step
        zero : the code of 0
        rounding : the way of rounding
        default : the way of rounding that needs no key
        most : bits from which on there is a range
        """
        signed = codes.lo < 0
        keys: dict[str, Json] = {"range": [codes.lo, codes.hi]}
        if codes == Int.of_bits(codes.width, signed=signed) and codes.width <= most:
            keys = {"bits": codes.width}
            keys |= {"signed": True} if signed else {}
        keys |= {"scale": written(scale)} if scale != 1 else {}
        keys |= {"zero_point": zero} if zero else {}
        return keys | ({"rounding": rounding.value} if rounding is not default else {})


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
            enrol(Spec.types, word, cls)

    @abstractmethod
    def op(self, arrays: Arrays) -> Op:
        """Makes the layer; ValueError or ModelError, in one line, if the table does not describe
        one."""

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer so that ``op`` makes it again; None if this table cannot."""
        return None


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

    @staticmethod
    def keys(window: Window) -> dict[str, Json]:
        """The keys of a window that are not as they are by default."""
        keys: dict[str, Json] = {"kernel": list(window.kernel)}
        for name, pair in (("stride", window.stride), ("dilation", window.dilation)):
            if pair != (1, 1):
                keys[name] = list(pair)
        return keys | ({"pads": list(window.pads)} if any(window.pads) else {})

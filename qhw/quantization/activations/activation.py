"""The interface of activation formats."""

from abc import ABC, abstractmethod
from dataclasses import fields
from fractions import Fraction
from math import frexp
from typing import TYPE_CHECKING, Any, ClassVar

from ...tools.members import enrol
from ..calibration import Histogram, Method

if TYPE_CHECKING:
    from ...layers import Quantizer

__all__ = ["Activation", "between", "rounded"]

DIGITS = 8
"""Bits of a scale: sums of branches with such scales have small factors."""


class Activation(ABC):
    """A number format of activations; subclasses are frozen dataclasses, registered by their
    ``name``."""

    name: ClassVar[str]
    citation: ClassVar[str]
    """Authors, title, year, arXiv number."""
    about: ClassVar[str]
    """The codes in a few words."""
    registry: ClassVar[dict[str, type["Activation"]]] = {}
    uniform: ClassVar[bool] = False
    """Whether steps are even."""
    signed: ClassVar[bool] = False
    """Whether codes are of both signs, evenly."""
    bipolar: ClassVar[bool] = False
    """Whether codes are around 0, so that they take the place of a relu before them."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        enrol(Activation.registry, cls.name, cls)

    def __str__(self) -> str:
        parts = [f"{f.name}={getattr(self, f.name)}" for f in fields(self)]  # pyright: ignore[reportArgumentType]
        return f"{self.name}:{','.join(parts)}" if parts else self.name

    @property
    @abstractmethod
    def code_bits(self) -> int:
        """Bits of one code."""

    @property
    def top(self) -> int:
        """Steps from 0 to the largest code."""
        return (1 << self.code_bits - self.signed) - 1

    @abstractmethod
    def quantizer(self, lo: float, hi: float) -> "Quantizer":
        """Makes the quantizer that clips reals outside ``lo`` .. ``hi``."""

    def fit(self, seen: Histogram, method: Method) -> "Quantizer":
        """Makes the quantizer for samples of an activation, clipped as a method says.

        ValueError if the method is not for such codes."""
        return self.quantizer(*method.interval(seen, self))


def rounded(scale: float) -> Fraction:
    """Rounds a scale up to ``DIGITS`` bits; 1 in place of 0."""
    if scale <= 0:
        return Fraction(1)
    mantissa, exponent = frexp(scale)
    whole = -int(-mantissa * (1 << DIGITS) // 1)
    return Fraction(whole) * Fraction(2) ** (exponent - DIGITS)


def between(name: str, value: int, lo: int, hi: int) -> None:
    """ValueError if a parameter is not from ``lo`` to ``hi``.

    Parameters
    ----------
    name : its name in messages
    value : the number
    lo : least number
    hi : greatest number"""
    if not lo <= value <= hi:
        raise ValueError(f"{name} should be from {lo} to {hi}, not {value}")

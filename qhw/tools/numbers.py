"""Parses numbers from outside, exactly and within limits."""

import re
from fractions import Fraction

from .. import limits

__all__ = ["number_of", "scale_of"]

NUMBER = re.compile(r"\s*([+-]?)(\d+)(?:/(\d+)|(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?)\s*")


def scale_of(value: int | float | str) -> Fraction:
    """Parses a scale, a number or a string such as ``"1/255"``, exactly; ValueError if it is no
    number, not positive, too large or too small."""
    number = number_of(value)
    if number <= 0:
        raise ValueError("Input should be greater than 0")
    if not Fraction(1, 1 << limits.EXPONENT) <= number <= 1 << limits.EXPONENT:
        raise ValueError(f"Input should be from 2**-{limits.EXPONENT} to 2**{limits.EXPONENT}")
    return number


def number_of(value: int | float | str) -> Fraction:
    """Parses a number, or a fraction or a decimal in a string, exactly; ValueError if it is
    none."""
    wrong = "Input should be a finite number or a fraction in a string"
    if isinstance(value, str):
        found = NUMBER.fullmatch(value) if len(value) <= limits.DIGITS else None
        if found is None or found[3] and not int(found[3]) or abs(int(found[5] or 0)
                                                                 ) > limits.DIGITS:
            raise ValueError(wrong)
    try:
        return Fraction(value)
    except (ValueError, OverflowError):
        raise ValueError(wrong) from None

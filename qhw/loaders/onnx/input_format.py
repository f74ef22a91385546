"""The format of a network's input, for files without a quantizer at the input."""

import re
from fractions import Fraction

from ...errors import ModelError
from ...exact.num import Int
from ...layers import Input
from ...tools.numbers import number_of, scale_of

__all__ = ["annotated", "parse_format"]

FEW = {"BINARY": Int(0, 1), "TERNARY": Int(-1, 1)}
"""QONNX's types of numbers that are not of a width."""


def parse_format(text: str) -> Input:
    """Parses a format such as ``u8``, ``s16:scale=1/1024`` or ``0..16:zero=3``: the interval of the
    codes, the real value of a step, and the code of 0.

    ModelError if the text is no format."""
    codes, _, rest = text.partition(":")
    bits, ends = re.fullmatch(r"([us])(\d+)", codes), re.fullmatch(r"(-?\d+)\.\.(-?\d+)", codes)
    options: dict[str, str] = {}
    for part in filter(None, rest.split(",")):
        key, _, value = part.partition("=")
        options[key] = value
    try:
        if bits and 1 <= int(bits[2]) <= 16:
            interval = Int.of_bits(int(bits[2]), signed=bits[1] == "s")
        elif ends:
            interval = Int(int(ends[1]), int(ends[2]))
        else:
            raise ValueError("codes should be like u8, s16 or 0..16")
        scale, zero = scale_of(options.pop("scale", "1")), number_of(options.pop("zero", "0"))
        if options:
            raise ValueError(f"{next(iter(options))!r} is not understood")
    except (ValueError, ZeroDivisionError) as e:
        raise ModelError(f"Input format {text!r}: {e}") from None
    return Input((1,), interval, scale, zero)


def annotated(text: str) -> Input | None:
    """Returns the format that QONNX's name of a type stands for, such as UINT8, INT4, TERNARY or
    FIXED<8,3>; None if it is none of integers of 1 to 16 bits with a known scale."""
    found = re.fullmatch(r"(U?)INT(\d+)|FIXED<(\d+),(-?\d+)>", text)
    if found is None:
        return Input((1,), FEW[text]) if text in FEW else None
    unsigned, integer, fixed, whole = found.groups()
    bits = int(integer or fixed)
    if not 1 <= bits <= 16 or abs(int(whole or 0)) > 64:
        return None
    scale = Fraction(2) ** (int(whole) - bits) if fixed else Fraction(1)
    return Input((1,), Int.of_bits(bits, signed=not unsigned), scale)

"""The format of a network's input, for files without a quantizer at the input."""

import re

from ...errors import ModelError
from ...exact.num import Int
from ...layers import Input
from ...tools.numbers import number_of, scale_of

__all__ = ["parse_format"]


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

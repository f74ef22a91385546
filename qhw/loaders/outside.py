"""Files and numbers from outside, within limits: ModelError in one line for what exceeds them."""

import json
import re
import stat
from fractions import Fraction
from pathlib import Path
from typing import Any

from .. import limits
from ..errors import ModelError

__all__ = ["json_of", "number_of", "plain", "read_bytes", "read_text", "scale_of"]

NUMBER = re.compile(r"\s*([+-]?)(\d+)(?:/(\d+)|(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?)\s*")


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a regular file of at most so many bytes."""
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise ModelError(f"{path}: this is a folder, not a file")
        if not stat.S_ISREG(about.st_mode):
            raise ModelError(f"{path}: this is no regular file")
        if about.st_size > most:
            raise ModelError(f"{path}: it has {about.st_size} bytes, more than {most}")
        with path.open("rb") as file:
            content = file.read(about.st_size + 1)
    except FileNotFoundError:
        raise ModelError(f"{path}: there is no such file") from None
    except OSError as e:
        raise ModelError(f"{path}: it cannot be read: {e.strerror}") from None
    except ValueError as e:     # a null in the path
        raise ModelError(f"{str(path)!r}: it cannot be read: {e}") from None
    except MemoryError:
        raise ModelError(f"{path}: there is not enough memory for it") from None
    if len(content) > about.st_size:
        raise ModelError(f"{path}: it grows while it is read")
    return content


def read_text(path: Path, most: int = limits.TEXT_BYTES) -> str:
    """The content of a UTF-8 file of at most so many bytes."""
    try:
        return read_bytes(path, most).decode("utf-8")
    except UnicodeDecodeError as e:
        raise ModelError(f"{path}: it is no text in UTF-8 (byte {e.start})") from None


def json_of(path: Path, most: int = limits.TEXT_BYTES) -> Any:
    """The content of a JSON file: no key twice, no number or nesting beyond the limits."""
    try:
        return plain(json.loads(read_text(path, most), object_pairs_hook=_once))
    except RecursionError:
        raise ModelError(f"{path}: more than {limits.TEXT_NESTING} arrays and objects are inside "
                         f"each other") from None
    except ValueError as e:
        raise ModelError(f"{path}: {e}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    known = dict(pairs)
    if len(known) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:80]!r} is there twice")
    return known


def plain(thing: Any, depth: int = 0) -> Any:
    """What a TOML or JSON file holds, as it is; ValueError if it is nested too deep or an integer
    has too many bits to be shown or computed with."""
    if depth > limits.TEXT_NESTING:
        raise ValueError(f"more than {limits.TEXT_NESTING} tables and arrays are inside each other")
    if isinstance(thing, int) and thing.bit_length() > limits.INTEGER_BITS:
        raise ValueError(f"an integer has {thing.bit_length()} bits, more than "
                         f"{limits.INTEGER_BITS} and a sign")
    below = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else ()
    for one in below:
        plain(one, depth + 1)
    return thing


def scale_of(value: int | float | str) -> Fraction:
    """A number, or a string such as ``"1/255"``, exactly; ValueError if it is none, or no scale:
    positive, and neither too large nor too small."""
    number = number_of(value)
    if number <= 0:
        raise ValueError("Input should be greater than 0")
    if not Fraction(1, 1 << limits.EXPONENT) <= number <= 1 << limits.EXPONENT:
        raise ValueError(f"Input should be from 2**-{limits.EXPONENT} to 2**{limits.EXPONENT}")
    return number


def number_of(value: int | float | str) -> Fraction:
    """A number as it is, or a fraction or a decimal in a string; ValueError if it is none."""
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

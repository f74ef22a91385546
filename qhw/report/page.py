"""Templates of the pages, and numbers, shares and long names as text."""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..names import visible
from ..targets import in_gates
from .record import Record

__all__ = ["RESOURCES", "SIZES", "Size", "breaks", "decimal", "error", "number", "parts",
           "percent", "render", "resources", "share", "wide"]

RESOURCES = {"luts": "LUTs", "ffs": "Flip-flops", "brams": "Block RAMs", "dsps": "DSPs"}
GATES = {"luts": "Gates", "ffs": "Flip-flops", "transistors": "Transistors"}


def resources(record: Record) -> dict[str, str]:
    """Lists the resources of the target, with labels."""
    return GATES if in_gates(record.target) else RESOURCES


LETTERS = {**dict.fromkeys("ijl'|", .3), **dict.fromkeys("f.,:; ", .36),
           **dict.fromkeys("rt-()[]/", .42),
           **dict.fromkeys("sckvxyz_", .57), **dict.fromkeys("mMW@%", .96),
           **dict.fromkeys("w=+<>×→±", .84)}
"""Widths of letters in the widest of the page's fonts, as parts of its size."""


class Size(NamedTuple):
    """The size of a drawing in pixels. A page has one drawing for each size, and shows the one that
    fits."""

    name: str
    width: int
    height: int
    down: bool = False
    """Streams run down, not to the right."""


SIZES = (Size("wide", 1120, 440), Size("middle", 690, 440), Size("narrow", 350, 640, True))


def number(value: float | None) -> str:
    """Formats a number with thousands separated; a dash if it is unknown."""
    if value is None:
        return "\N{EN DASH}"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}".removesuffix(".0")


def decimal(value: float | None) -> str:
    """Formats a number with three digits; digits before the point are never dropped."""
    if value is None:
        return number(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(part: float, whole: float, digits: int = 1) -> str:
    """Formats ``part`` of ``whole`` in percent; it shows 100 % only if both are equal.

    Parameters
    ----------
    part, whole : numbers in the same unit
    digits : digits after the point"""
    share = 100 * part / whole
    if part < whole:
        share = min(share, 100 - 10 ** -digits)
    return f"{share:,.{digits}f}%"


def share(part: float | None) -> str:
    """Formats a part of 1 in percent with two digits; a dash if it is unknown."""
    if part is None:
        return number(None)
    return f"{100 * part:.2g} %" if part < .995 else f"{100 * part:.0f} %"


def error(estimate: float | None, measured: float | None) -> str:
    """Formats the error of a prediction relative to the measured value."""
    if estimate is None or measured is None or (not measured and estimate):
        return "\N{EN DASH}"
    off = 100 * (estimate - measured) / (measured or 1)
    return f"{off:+.1f}%" if off else "0%"


def parts(name: object) -> list[str]:
    """Splits a name into words, between which a line may break; a number is one word."""
    return re.split(r"(?<=[_:,])(?=.)|(?<=\.)(?=[A-Za-z])", visible(str(name)))


def breaks(name: object) -> Markup:
    """Makes a name whose lines may break between words, as HTML."""
    return Markup("<wbr/>").join(parts(name))


def wide(said: str, size: float = 11.5) -> float:
    """Estimates the largest width of a line of text, in pixels; ``size`` is the font size in
    pixels."""
    return size * sum(LETTERS.get(c, .71 if c.isupper() else .64) for c in said)


def render(page: str, **known: Any) -> str:
    """Renders a page from its values."""
    return _environment().get_template(page).render(**known)


def _shown(value: Any) -> Any:
    """Text of a value on a page; empty for None."""
    if value is None:
        return ""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True,
                              undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
                              keep_trailing_newline=True,
                              finalize=_shown)
    environment.filters |= {"number": number, "breaks": breaks, "decimal": decimal}
    environment.globals |= {"error": error, "percent": percent}  # pyright: ignore[reportAttributeAccessIssue]
    return environment

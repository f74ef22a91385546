"""Weight formats of layers, one file each; ``scheme.py`` has their interface."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from ..tools.members import excuse, members
from ..tools.typed import Json
from .binary import Binary
from .fixed import Fixed
from .scheme import Codes, Scheme, Stage
from .ternary import TRIT, Ternary

__all__ = ["AnyScheme", "Codes", "Scheme", "Stage", "integer_scheme", "make", "parse", "schemes",
           "text_of"]

AnyScheme = str | Scheme
"""A scheme, or its text such as ``fixed:bits=4``."""

members(__name__)

schemes: Mapping[str, type[Scheme]] = Scheme.registry


def make(name: str, options: Mapping[str, Json]) -> Scheme:
    """Makes the scheme ``name`` with parameters ``options``; ValueError if either is unknown or out
    of range."""
    if name not in schemes:
        raise ValueError(f"Input should be a scheme ({', '.join(schemes)})"
                         f"{excuse(name, __name__)}")
    known = {f.name: f for f in fields(schemes[name])}  # pyright: ignore[reportArgumentType]
    for key, value in options.items():
        if key not in known:
            raise ValueError(f"Scheme {name} has no parameter {key!r} "
                             f"(it has {', '.join(known) or 'none'})")
        default: object = known[key].default
        if value is None and default is None:
            continue
        kind = int if default is None else type(default)
        right = isinstance(value, kind) or kind is float and isinstance(value, int)
        if not right or isinstance(value, bool) != (kind is bool):
            raise ValueError(f"Scheme {name}: {key} should be {_KINDS[kind]}")
        if isinstance(value, int | float):
            lo, hi = _RANGES.get(key, (value, value))
            if not lo <= value <= hi:
                raise ValueError(f"Scheme {name}: {key} should be from {lo} to {hi}")
    return schemes[name](**options)


_RANGES: Mapping[str, tuple[float, float]] = {
    "rounds": (0, 100), "entry_bits": (2, 16), "seed": (0, 1 << 31), "fraction": (-64, 64),
    "headroom": (2 ** -8, 2 ** 8), "exponent_bits": (1, 8), "threshold": (0, 16)}
"""Ranges of parameters with one meaning in all schemes; each scheme checks its others."""

_KINDS: Mapping[type, str] = {
    int: "a whole number", float: "a number", bool: "true or false", str: "a word"}


def integer_scheme(weights: np.ndarray) -> tuple[Scheme, np.ndarray]:
    """Selects the narrowest scheme that represents integer weights exactly.

    ``weights`` are integers (outputs, inputs); returns the scheme and their codes of the same
    shape.
    """
    values = np.unique(weights)
    if np.isin(values, (-1, 1)).all():
        return Binary(scale="one"), (weights > 0).astype(np.uint8)
    if np.isin(values, (-1, 0, 1)).all():
        codes = TRIT.encode(np.zeros(weights.shape), weights < 0, weights != 0)
        return Ternary(), codes.astype(np.uint8)
    bits = max((int(values.max())).bit_length(), (~int(values.min())).bit_length()) + 1
    narrow = -(1 << bits - 1) not in values
    return Fixed(max(bits, 2), narrow), (weights & (1 << max(bits, 2)) - 1).astype(np.uint16)


def parse(text: str) -> Scheme:
    """Parses a text such as ``shiftcnn:terms=2,bits=4``; ValueError if it names no scheme."""
    name, _, rest = text.partition(":")
    options: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"Scheme {text!r}: {part!r} should be like bits=4")
        options[key] = _value(value)
    return make(name, options)


def text_of(scheme: AnyScheme) -> str:
    """Returns the shortest text of a scheme; a text stays as it is."""
    return scheme if isinstance(scheme, str) else scheme.text


def _value(text: str) -> Any:
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text

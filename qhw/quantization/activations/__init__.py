"""Formats of activations: each is fitted to samples of an activation and becomes its quantizer."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ...tools.members import excuse, members
from .activation import Activation

__all__ = ["Activation", "activations", "parse_activation"]

members(__name__)

activations: Mapping[str, type[Activation]] = Activation.registry

SHORT = re.compile(r"([us])(\d+)")


def parse_activation(text: str) -> Activation:
    """Parses a text such as ``u8``, ``s4`` or ``hwgq:bits=2``; ValueError if it names no format."""
    name, _, rest = text.partition(":")
    options: dict[str, Any] = {}
    if short := SHORT.fullmatch(name):
        name, options["bits"] = short[1], int(short[2])
    if name not in activations:
        raise ValueError(f"Activation {text!r}: it should be u8, s8 with any number of bits from 1 "
                         f"to 8, or one of {', '.join(activations)}"
                         f"{excuse(name, __name__)}")
    known = {f.name: f.default for f in fields(activations[name])}  # pyright: ignore[reportArgumentType]
    for part in filter(None, rest.split(",")):
        key, _, value = part.partition("=")
        if key not in known:
            raise ValueError(f"Activation {text!r}: {name} has no parameter {key!r} "
                             f"(it has {', '.join(known) or 'none'})")
        try:
            options[key] = int(value)
        except ValueError:
            raise ValueError(f"Activation {text!r}: {key} should be a whole number") from None
    try:
        return activations[name](**options)
    except ValueError as e:
        raise ValueError(f"Activation {text!r}: {e}") from None

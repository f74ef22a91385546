"""Calibration: methods that choose the interval of an activation's codes from samples of it.

``Histogram`` takes samples in batches; a ``Method`` finds the best interval to clip them to."""

from collections.abc import Mapping
from dataclasses import fields

from ...tools.members import excuse, members
from .histogram import Histogram
from .method import Family, Method

__all__ = ["Family", "Histogram", "Method", "methods", "parse_method"]

members(__name__)

methods: Mapping[str, type[Method]] = Method.registry


def parse_method(text: str) -> Method:
    """Parses a text such as ``percentile:99.9``; ValueError if it names no method."""
    name, colon, value = text.partition(":")
    if name not in methods:
        raise ValueError(f"Method {text!r}: it should be one of {', '.join(methods)}"
                         f"{excuse(name, __name__)}")
    known = {f.name: f.default for f in fields(methods[name])}  # pyright: ignore[reportArgumentType]
    if not colon:
        return methods[name]()
    if not known:
        raise ValueError(f"Method {text!r}: {name} has no parameter")
    (key, default), = known.items()
    value = value.removeprefix(f"{key}=")
    try:
        return methods[name](**{key: type(default)(value)})
    except ValueError as e:
        raise ValueError(f"Method {text!r}: {e}") from None

"""Number formats a layer's weights can be stored in. One file each; see ``scheme.py``."""

from dataclasses import fields
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from .scheme import Codes, Scheme, Stage

__all__ = ["Codes", "Scheme", "Stage", "make", "parse", "schemes"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

schemes: dict[str, type[Scheme]] = dict(sorted(Scheme.registry.items()))


def make(name: str, options: dict[str, Any]) -> Scheme:
    """The scheme of a name with parameters; ValueError if there is no such thing."""
    if name not in schemes:
        raise ValueError(f"Input should be a scheme ({', '.join(schemes)})")
    known = {f.name: f for f in fields(schemes[name])}  # type: ignore
    for key, value in options.items():
        if key not in known:
            raise ValueError(f"Scheme {name} has no parameter {key!r} "
                             f"(it has {', '.join(known) or 'none'})")
        kind = type(known[key].default)
        right = isinstance(value, kind) or kind is float and isinstance(value, int)
        if known[key].default is not None and (not right or isinstance(value, bool) != (
                kind is bool)):
            raise ValueError(f"Scheme {name}: {key} should be {_KINDS[kind]}")
    return schemes[name](**options)


_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}


def parse(text: str) -> Scheme:
    """The scheme that a text such as ``shiftcnn:terms=2,bits=4`` means; ValueError if none."""
    name, _, rest = text.partition(":")
    options: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"Scheme {text!r}: {part!r} should be like bits=4")
        options[key] = _value(value)
    return make(name, options)


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

"""Packages whose names are imported at their first use, so that the packages start quickly."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module

__all__ = ["lazily"]


def lazily(package: str, homes: Mapping[str, str]) -> tuple[
        Callable[[str], object], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a package that offers names of its modules.

    ``homes`` maps each name to its module, relative to the package. A name is imported once and
    then stays in the package. AttributeError for an unknown name."""
    own = vars(sys.modules[package])

    def __getattr__(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        own[name] = value = getattr(import_module(f".{homes[name]}", package), name)
        return value

    def __dir__() -> list[str]:
        return sorted({*own, *homes})

    return __getattr__, __dir__

"""Catalogues: packages whose members are found by scanning, so that no list is edited."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

__all__ = ["members"]


def members(package: str) -> list[ModuleType]:
    """Imports every module of a package, in the order of their names."""
    folders = import_module(package).__path__
    return [import_module(f"{package}.{m.name}") for m in iter_modules(folders)]

"""Number formats a layer's weights can be stored in. One file each; see ``scheme.py``."""

from importlib import import_module
from pkgutil import iter_modules

from .scheme import Codes, Scheme, Stage

__all__ = ["Codes", "Scheme", "Stage", "schemes"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

schemes: dict[str, type[Scheme]] = dict(sorted(Scheme.registry.items()))

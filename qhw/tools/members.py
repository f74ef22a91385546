"""Catalogues: packages whose members are found by scanning, so that no list is edited.

Other packages add members by entry points: the group is the catalogue's name, such as
``qhw.schemes``, and the value is a module, which is imported as the catalogue's own are. A member
that fails to load, or whose name is taken, is left out and kept as a fault."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

__all__ = ["Fault", "Plugin", "enrol", "excuse", "faults", "members", "offered", "plugins"]

ROOT = "qhw."


@dataclass(frozen=True)
class Plugin:
    """A member of a catalogue from another package."""

    catalogue: str
    name: str
    module: str
    package: str
    """The distribution and its version."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the package that the module is in, sorted; none if it is not there."""
        try:
            spec = find_spec(self.module.partition(".")[0])
        except (ImportError, ValueError):
            return ()
        if spec is None:
            return ()
        folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
        own = [Path(spec.origin)] if spec.origin and not folders else []
        return tuple(sorted([*own, *(path for folder in folders for path in folder.rglob("*")
                                     if path.is_file() and path.parent.name != "__pycache__")]))


@dataclass(frozen=True)
class Fault:
    """A member of another package that is left out, and why."""

    plugin: Plugin
    reason: str

    def __str__(self) -> str:
        one = self.plugin
        return f"{one.name!r} of {one.package} is left out of {one.catalogue}: {self.reason}"


_faults: dict[Plugin, Fault] = {}


@cache
def plugins() -> tuple[Plugin, ...]:
    """Lists the members that installed packages add to qhw's catalogues; a module that several
    versions of a package name is one."""
    found = [_plugin(one) for group in sorted(entry_points().groups) if group.startswith(ROOT)
             for one in entry_points(group=group)]
    each = {(p.catalogue, p.module): p for p in reversed(found)}     # Python finds the first
    return tuple(sorted(each.values(), key=lambda p: (p.catalogue, p.package, p.name)))


def _plugin(one: EntryPoint) -> Plugin:
    package = f"{one.dist.name} {one.dist.version}" if one.dist else "a package without a name"
    return Plugin(one.group, one.name, one.value, package)


def members(package: str) -> list[ModuleType]:
    """Imports every module of a package, in the order of their names, and then the modules that
    other packages add to it."""
    folders = import_module(package).__path__
    own = [import_module(f"{package}.{m.name}") for m in iter_modules(folders)]
    added = (_imported(one) for one in plugins() if one.catalogue == package)
    return own + [module for module in added if module]


def _imported(one: Plugin) -> ModuleType | None:
    """Imports a module of another package; an error there is kept as a fault."""
    if one in _faults:
        return None
    try:
        return import_module(one.module)
    except (Exception, SystemExit) as e:
        _refuse(one, f"{type(e).__name__}: {' '.join(str(e).split())}")
        return None


def _refuse(one: Plugin, reason: str) -> None:
    _faults[one] = Fault(one, reason)


def offered(package: str, attribute: str, names: Callable[[Any], Iterable[str]]) -> list[Any]:
    """Lists the values of ``attribute`` in a catalogue's modules.

    A module of qhw may be without it. One of another package may not, and none of its names may
    be taken.

    Parameters
    ----------
    package, attribute : the catalogue, and the attribute of its modules
    names : function that lists the names of a value"""
    added = {one.module: one for one in plugins() if one.catalogue == package}
    found: list[Any] = []
    owners: dict[str, str] = {}
    for module in members(package):
        one, value = added.get(module.__name__), getattr(module, attribute, None)
        if one and value is None:
            _refuse(one, f"{module.__name__} has no {attribute}")
        if value is None:
            continue
        taken = [name for name in names(value) if name in owners]
        if one and taken:
            _refuse(one, f"{taken[0]!r} is in {owners[taken[0]]} already")
            continue
        owners |= dict.fromkeys(names(value), module.__name__)
        found.append(value)
    return found


def enrol(registry: dict[str, type[Any]], name: str, member: type[Any]) -> None:
    """Enters a class in a registry, which stays in the order of names; TypeError if another class
    has the name.

    Parameters
    ----------
    registry : classes by name
    name, member : the name and the class"""
    if (other := registry.get(name)) and _where(other) != _where(member):
        raise TypeError(f"{name!r} is defined twice: in {_where(other)} and in {_where(member)}")
    registry[name] = member
    for key in sorted(registry):
        registry[key] = registry.pop(key)


def _where(one: type[Any]) -> str:
    return f"{one.__module__}.{one.__qualname__}"


def faults(*catalogues: str) -> tuple[Fault, ...]:
    """Lists the members that are left out of these catalogues so far, of all by default."""
    return tuple(fault for one, fault in _faults.items()
                 if not catalogues or one.catalogue in catalogues)


def excuse(name: str, *catalogues: str) -> str:
    """Says why a member ``name`` of another package is left out of one of the catalogues: words to
    end a message with, empty if there is no such member."""
    return "".join(f"; {fault}" for fault in faults(*catalogues) if fault.plugin.name == name)

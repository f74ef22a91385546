"""Skeletons of packages that add a scheme, a layer or a board: they work as they are written.

A package names its members by entry points (``qhw.tools.members``)."""

import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Literal, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..errors import ModelError, QhwError
from ..loaders.description.description import layer_types
from ..names import is_identifier
from ..schemes import schemes
from ..targets.boards import boards
from ..version import __version__

__all__ = ["KINDS", "Kind", "skeleton", "write"]

Kind = Literal["scheme", "layer", "board"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MODULES: Mapping[Kind, Mapping[str, str]] = {
    "scheme": {"scheme": "qhw.schemes"},
    "layer": {"layer": "qhw.layers", "op": "qhw.ops", "unit": "", "lowering": "qhw.lower"},
    "board": {"board": "qhw.boards"}}
"""The modules of each kind, and the catalogue that each joins."""
FOLDER = Path(__file__).with_name("skeletons")


def skeleton(kind: Kind, name: str, package: str = "") -> dict[str, str]:
    """Makes a package that adds a member: texts by file name.

    ModelError if the name cannot be that of a member and of a Python module.

    Parameters
    ----------
    kind : the catalogue
    name : name of the member, in lower-case letters, digits and ``_``; ``-`` too for a board
    package : the Python package; by default ``qhw_NAME``
    """
    word = name.replace("-", "_") if kind == "board" else name
    if not is_identifier(word) or word != word.lower():
        raise ModelError(f"{name!r} is no name for a {kind}: give lower-case letters, digits and "
                         f"_, a letter first")
    package = package or f"qhw_{word}"
    facts = {"name": name, "package": package, "version": __version__, "kind": kind,
             "title": "".join(part.capitalize() for part in word.split("_")),
             "groups": {group: f"{package}.{module}" for module, group in MODULES[kind].items()
                        if group}}
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=False,
                              undefined=StrictUndefined, keep_trailing_newline=True)
    files = {"pyproject.toml": "pyproject.toml", f"{package}/__init__.py": "init.py",
             f"tests/test_{word}.py": f"test_{kind}.py",
             **{f"{package}/{module}.py": f"{module}.py" for module in MODULES[kind]}}
    return {file: environment.get_template(f"{template}.jinja").render(facts)
            for file, template in files.items()}


def _there(kind: Kind) -> Collection[str]:
    match kind:
        case "scheme":
            return schemes
        case "layer":
            return layer_types()
        case "board":
            return [one.name for one in boards()]


def write(kind: Kind, name: str, folder: Path) -> tuple[str, ...]:
    """Writes a skeleton to a new folder, whole or not at all; returns its files' names.

    QhwError if there is something of that name, qhw has such a member, or the folder cannot be
    written.

    Parameters
    ----------
    kind, name : as in ``skeleton``
    folder : the folder to make"""
    files = skeleton(kind, name)
    if name in _there(kind):
        raise ModelError(f"{name}: qhw has a {kind} of this name")
    if os.path.lexists(folder):
        raise QhwError(f"{folder}: there is something of this name; give a new folder with -o")
    made = None
    try:
        made = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        for file, text in files.items():
            (made / file).parent.mkdir(exist_ok=True)
            (made / file).write_text(text, encoding="utf-8")
        made.chmod(0o755)
        made.rename(folder)
    except OSError as e:
        if made:
            shutil.rmtree(made, ignore_errors=True)
        raise QhwError(f"{folder}: {e.strerror or e}") from None
    return tuple(files)

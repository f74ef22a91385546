"""Turns components into modules; equal modules become one."""

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any

from ..names import Names, file_name
from ..tools.hdl import Component, Fragment, Instance, Memory
from . import parts
from .module import Body, Built, ModulePrinter, Path, named, ports_of
from .parts import Contents, InstanceOf, Printed
from .text import WIDTH

__all__ = ["printed", "verilog"]


def verilog(top: Component, name: str, *, platform: Any = None) -> str:
    """Returns the text of all modules of ``top``; see ``printed``.

    Parameters
    ----------
    top : the component
    name : name of its module, and prefix of all others
    platform : Amaranth's platform, which places memories
    """
    return printed(top, name, platform=platform).text


def printed(top: Component, name: str, *, platform: Any = None,
            describe: Callable[[Path], str | None] = lambda path: None) -> Printed:
    """Prints a component and all below it as modules of Verilog-2005.

    Parameters
    ----------
    top : the component
    name : name of its module, and prefix of all others
    platform : Amaranth's platform, which places memories
    describe : returns a comment for the module at a path of submodule names, or None
    """
    design = Fragment.get(top, platform).prepare()
    modules = _Modules(name, design.fragment)
    modules.build(design.fragment, ())
    return modules.named(describe)


class _Modules:
    """All modules of a design, leaves first."""

    def __init__(self, name: str, top: Fragment):
        self.name = name
        self.bodies: dict[Body, int] = {}
        self.paths: list[list[Path]] = []
        self.components: list[Component] = []
        self.external: set[str] = set()
        self.owners: dict[int, Path] = {}
        self.drivers: dict[int, Path] = {}
        self._claim(top, ())

    def where(self, path: Path) -> str:
        return ".".join((self.name, *path))

    def component(self, fragment: Fragment, path: Path) -> Component:
        found = [o for o in fragment.origins or () if isinstance(o, Component)]
        if type(fragment) is not Fragment or not found:
            origin = next(iter(fragment.origins or ()), None)
            hint = ("; the platform must make it an Instance" if isinstance(origin, Memory) else
                    "; only components and instances are")
            raise NotImplementedError(f"{self.where(path)}: a {type(fragment).__name__} of "
                                      f"{type(origin).__name__} is not supported{hint}")
        return found[0]

    def _claim(self, fragment: Fragment, path: Path) -> None:
        """Note whose ports signals are."""
        if isinstance(fragment, Instance):
            return
        for _, _, value in ports_of(self.component(fragment, path)):
            self.owners[value.duid] = path
        for sub, name in named(fragment):
            self._claim(sub, (*path, name))

    def build(self, fragment: Fragment, path: Path) -> Built:
        component = self.component(fragment, path)
        children: dict[str, Built | Instance] = {}
        for sub, name in named(fragment):
            children[name] = sub if isinstance(sub, Instance) else self.build(sub, (*path, name))
            if isinstance(sub, Instance):
                self.external.add(sub.type)
        module = ModulePrinter(self, fragment, component, path, children)
        body = module.printed()
        key = self.bodies.setdefault(body, len(self.bodies))
        if key == len(self.paths):
            self.paths.append([])
            self.components.append(component)
        self.paths[key].append(path)
        return Built(key, module.ports, module.uses["clk"], module.uses["rst"], module.domain)

    # -- names and comments, once all are known

    def named(self, describe: Callable[[Path], str | None]) -> Printed:
        """All modules with their names, and the files of their memories."""
        scope = Names()
        scope.taken |= self.external
        keys = sorted(range(len(self.paths)), key=lambda k: min(len(p) for p in self.paths[k]))
        names = {key: scope.add(self._name(self.paths[key])) for key in keys}
        contents: dict[str, str] = {}
        modules = [_module(body, names[key], self._comment(key, describe), names, contents)
                   for body, key in reversed(self.bodies.items())]
        return Printed(tuple(modules), contents)

    def _name(self, paths: list[Path]) -> str:
        first = paths[0]
        if first == ():
            return self.name
        last = first[-1]
        stem = last.rstrip("0123456789")
        siblings = {p[-1] for p in paths if p[:-1] == first[:-1]}
        if len(siblings) > 1 and stem and {s.rstrip("0123456789") for s in siblings} == {stem}:
            last = stem.rstrip("_")
        return "_".join((self.name, *first[:-1], last))

    def _comment(self, key: int, describe: Callable[[Path], str | None]) -> str:
        paths, doc = self.paths[key], type(self.components[key]).__doc__
        said = [describe(paths[0]), _sentence(doc) if doc else None]
        if len(paths) > 1:
            said.append(f"{len(paths)} instances: {_places(paths)}.")
        rows = [row for text in said if text for row in textwrap.wrap(text, WIDTH - 3)]
        return "".join(f"// {row}\n" for row in rows)


def _module(body: Body, name: str, comment: str, names: Mapping[int, str],
            contents: dict[str, str]) -> parts.Module:
    """A module of this name; the contents of its memories join ``contents``, by file."""
    texts, instances, memories = list[str](), list[InstanceOf](), list[parts.Memory]()
    for part in body.parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        files: dict[str, str] = {}
        for parameter in part.parameters:
            if isinstance(parameter.value, Contents):
                files[parameter.name] = file = _other_than(contents, f"{name}_{part.name}")
                contents[file] = str(parameter.value)
        kind = names[part.kind] if isinstance(part.kind, int) else part.kind
        texts.append("\n".join(part.rows(kind, files)))
        instances.append(InstanceOf(part.name, kind, {p.name: p.value for p in part.parameters}
                                    | files))
        if part.memory:
            memories.append(parts.Memory(part.name, kind, *part.memory, "".join(files.values())))
    text = f"{comment}module {name}{body.head}" + "\n\n".join([*texts, "endmodule"])
    return parts.Module(name, body.ports, text, tuple(instances), tuple(memories))


def _other_than(files: Iterable[str], stem: str) -> str:
    """A file for a memory, whose name differs in more than its case from those there are."""
    known = {file.lower() for file in files}
    tries = (file_name(f"{stem}_{k}" if k > 1 else stem, ".hex") for k in count(1))
    return next(file for file in tries if file.lower() not in known)


def _sentence(doc: str) -> str:
    """The first one of a docstring."""
    paragraph = " ".join(inspect.cleandoc(doc).split("\n\n")[0].split())
    return re.split(r"(?<=[.!?])\s+(?=[A-Z`])", paragraph)[0].replace("``", "")


def _places(paths: list[Path]) -> str:
    """Instances, neighbours that differ in a number as first .. last."""
    runs: list[list[str]] = []
    for path in paths:
        name = ".".join(path)
        stem = name.rstrip("0123456789")
        if runs and stem != name and runs[-1][0].rstrip("0123456789") == stem:
            runs[-1].append(name)
        else:
            runs.append([name])
    shown = [f"{run[0]} .. {run[-1].rpartition('.')[2]}" if len(run) > 1 else run[0]
             for run in runs[:6]]
    return ", ".join(shown) + (", ..." if len(runs) > 6 else "")

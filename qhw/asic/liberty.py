"""Maps a network to the cells of a library; reports its area and its cells by type.

Synthesis keeps the layers and their memories as modules. Every cell therefore belongs to a layer,
and the area of memories built from flip-flops and gates is known."""

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from ..errors import ModelError, ToolError
from ..graph import Graph
from ..limits import LIBRARY_BYTES
from ..synthesis.synth import kept, netlist
from ..targets import Target
from ..tools.outside import read_bytes
from ..tools.typed import Known
from ..verilog.design import Design

__all__ = ["Area", "AreaRecord", "Library", "check_library", "library_record", "mapped",
           "read_library"]

FILE = "cells.lib"
MAPPING = (f"dfflibmap -liberty {FILE}", f"abc -liberty {FILE}", "opt_clean -purge",
           f"tee -q -o stat.json stat -liberty {FILE} -json")
GZIP = b"\x1f\x8b"
SKIPPED = re.compile(r'/\*|"')
ENDS = {"/*": re.compile(r"\*/"), '"': re.compile(r'(?<!\\)(?:\\\\)*+"')}
"""Ends of a comment and of a string; in a string a backslash escapes a quotation mark."""


@dataclass(frozen=True)
class Area:
    """Area of a circuit in the library's unit of area: total, flip-flops, memories, and cells by
    type."""

    area: float = 0
    sequential: float = 0
    """Flip-flops."""
    memories: float = 0
    """Flip-flops and gates of memories."""
    cells: Mapping[str, int] = field(default_factory=dict[str, int])
    """By their type."""

    def __add__(self, other: "Area") -> "Area":
        return Area(self.area + other.area, self.sequential + other.sequential,
                    self.memories + other.memories, Counter(self.cells) + Counter(other.cells))

    def __sub__(self, other: "Area") -> "Area":
        return Area(self.area - other.area, self.sequential - other.sequential,
                    self.memories - other.memories, Counter(self.cells) - Counter(other.cells))


@dataclass(frozen=True)
class AreaRecord:
    """Area of one layer in the library's unit of area."""

    area: float
    sequential_area: float
    """Flip-flops."""
    memory_area: float
    """Flip-flops and gates of memories."""


@dataclass(frozen=True, eq=False)
class Library(Known):
    """A network's area in the cells of a library: ``library`` in the record."""

    file: str
    area: float
    """In the library's unit, as the other two."""
    sequential_area: float
    memory_area: float
    cells: Mapping[str, int]
    """Count by type, the most frequent first."""
    layers: Mapping[str, AreaRecord]


def read_library(path: Path) -> str:
    """Reads a Liberty file, plain or compressed; returns its text.

    ModelError if it is no Liberty file or lacks cells that mapping needs."""
    content = read_bytes(path, LIBRARY_BYTES)
    try:
        text = (_unpacked(path, content) if content[:2] == GZIP else content).decode()
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise ModelError(f"{path}: the compressed file is broken or cut short") from None
    except UnicodeDecodeError:
        raise ModelError(f"{path}: it is no text, so no Liberty file") from None
    bare = _bare(path, text)
    if not re.search(r"\blibrary\s*\(", bare) or not re.search(r"\bcell\s*\(", bare):
        raise ModelError(f"{path}: there are no cells in it; it should be a Liberty file")
    if bare.count("{") > bare.count("}"):
        raise ModelError(f"{path}: it ends within a group; the file is cut short")
    if not re.search(r"\bff\s*\(", bare):
        raise ModelError(f"{path}: the library has no flip-flop")
    return text


def _unpacked(path: Path, content: bytes) -> bytes:
    with gzip.open(BytesIO(content)) as file:
        text = file.read(LIBRARY_BYTES + 1)
    if len(text) > LIBRARY_BYTES:
        raise ModelError(f"{path}: it unpacks to more than {LIBRARY_BYTES} bytes")
    return text


def _bare(path: Path, text: str) -> str:
    """The text without comments and strings, in one walk from its begin to its end."""
    parts, at = list[str](), 0
    while (begin := SKIPPED.search(text, at)) is not None:
        end = ENDS[begin[0]].search(text, begin.end())
        if end is None:
            raise ModelError(f"{path}: it ends within a comment or a string; the file is cut short")
        parts.append(text[at:begin.start()])
        at = end.end()
    return "".join([*parts, text[at:]])


def check_library(path: Path, target: Target) -> str:
    """Reads the cell library ``path``; returns its text. ModelError if the target is no ASIC."""
    if not target.family.gates:
        raise ModelError(f"A cell library goes with the target asic, not {target.name}")
    return read_library(path)


def mapped(graph: Graph, target: Target, library: Path) -> dict[str, Area]:
    """Maps a lowered graph to a cell library; returns the area of every unit by name.

    The key ``""`` has the area of the logic between the units.

    Parameters
    ----------
    graph : the lowered graph
    target : the ASIC target
    library : path of a Liberty file"""
    design = Design.of(graph, target)
    found = _mapped(design, target, library)
    whole = _area(design.name, found, design)
    units = {unit: _area(found[design.network.name]["cells"][instance]["type"], found, design)
             for unit, instance in design.instances.items()}
    return {**units, "": whole - sum(units.values(), Area())}


def _mapped(design: Design, target: Target, library: Path) -> dict[str, Any]:
    text = check_library(library, target)
    try:
        found = netlist({**design.files, FILE: text}, design.name, kept(design), target, before=[
            f"setattr -mod -set keep_hierarchy 1 *{kind}*" for kind in design.memory_kinds],
            after=MAPPING)
    except ToolError as e:
        raise ToolError(f"{library}: no network can be mapped to these cells: {e}") from None
    missing = {kind for kind in _area(design.name, found, design).cells if kind.startswith("$_")}
    if missing:
        raise ModelError(f"{library}: there is no cell for {', '.join(sorted(missing))}")
    return found


def _area(name: str, found: Mapping[str, Any], design: Design) -> Area:
    """Computes the area of a module of a netlist with all modules in it.

    Yosys names a module with parameters by the original name between backslashes.
    """
    module = found[name]
    inside = [cell["type"] for cell in module["cells"].values()]
    below = sum((_area(kind, found, design) for kind in inside if kind in found), Area())
    return Area(module["area"], module["sequential_area"],
                below.memories if set(design.memory_kinds).isdisjoint(name.split("\\"))
                else module["area"],
                Counter(kind for kind in inside if kind not in found) + Counter(below.cells))


def library_record(areas: Mapping[str, Area], library: Path) -> Library:
    """Makes the record of a cell library."""
    whole = sum(areas.values(), Area())
    return Library(library.name, *_figures(whole),
                   dict(sorted(whole.cells.items(), key=lambda item: (-item[1], item[0]))),
                   {name: AreaRecord(*_figures(one)) for name, one in areas.items() if name})


def _figures(of: Area) -> tuple[float, float, float]:
    return round(of.area, 3), round(of.sequential, 3), round(of.memories, 3)

"""What a network really costs: Yosys on the generated Verilog, counted as the device counts.

The layers' boundaries are kept through synthesis, so every cell belongs to a layer and the layers
add up to the whole.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..design.top import unit_names
from ..errors import ToolError
from ..graph import Graph
from ..names import instance
from ..targets import Target
from ..targets.cost import Cost
from ..targets.timing import critical
from ..tools import programs
from ..tools.processes import scratch
from ..verilog.emit import emit, module_name

__all__ = ["Synthesis", "cells", "modules", "netlist", "read_netlist", "sources",
           "synthesize"]

TOGETHER = "qhw_together"
"""The module that holds several networks."""

Synthesis = Mapping[str, Cost]
"""Cost by unit, in stream order, and of what holds them together under ``""``."""


def synthesize(graph: Graph, target: Target) -> Synthesis:
    """The cost of every unit of a lowered graph on a target; ToolError if Yosys fails."""
    units, = modules([graph], target)
    return {name: cells(module, target) for name, module in units.items()}


def modules(graphs: Sequence[Graph], target: Target) -> list[dict[str, Any]]:
    """The synthesized netlist of every unit of each graph, and of what holds its units together
    under ``""``. Graphs have different names; they are synthesized in one run."""
    files, keep, instances = sources(graphs, target)
    top = module_name(graphs[0]) if len(graphs) == 1 else TOGETHER
    found = netlist(files, top, keep, target)
    return [{**{unit: found[found[module_name(graph)]["cells"][instance]["type"]]
                for unit, instance in of.items()}, "": found[module_name(graph)]}
            for graph, of in zip(graphs, instances, strict=True)]


def sources(graphs: Sequence[Graph], target: Target
            ) -> tuple[dict[str, str], list[tuple[str, str]], list[dict[str, str]]]:
    """The files of all graphs, the (module, instance) of their units, and for each graph what its
    units are called in its module."""
    files, keep, instances = dict[str, str](), list[tuple[str, str]](), list[dict[str, str]]()
    for graph in graphs:
        files |= emit(graph, target)
        instances.append({unit: instance(part) for unit, part in unit_names(graph).items()})
        keep += [(module_name(graph), instance) for instance in instances[-1].values()]
    names = [module_name(graph) for graph in graphs]
    if len(set(names)) < len(names):
        raise ValueError(f"Networks of one design have different prefixes, not {', '.join(names)}")
    if len(names) > 1:
        files[f"{TOGETHER}.v"] = _together(TOGETHER, names, files)
        keep += [(TOGETHER, name) for name in names]
    return files, keep, instances


def _together(top: str, names: list[str], files: Mapping[str, str]) -> str:
    """A module with one of each side by side."""
    ports, lines = list[str](), list[str]()
    for name in names:
        text = files[f"{name}.v"]
        head = text[text.index(f"module {name} ("):]
        found = re.findall(r"^  (input|output)(?: wire| reg)? *(\[\S+\])? *(\w+),?$",
                           head[:head.index(");")], re.MULTILINE)
        ports += [f"{way} {width} {name}__{port}" for way, width, port in found]
        joined = ", ".join(f".{port}({name}__{port})" for _, _, port in found)
        lines.append(f"  {name} {name} ({joined});")
    return "\n".join([f"module {top} ({', '.join(ports)});", *lines, "endmodule", ""])


def netlist(files: Mapping[str, str], top: str, keep: Sequence[tuple[str, str]], target: Target, *,
            before: Sequence[str] = (), after: Sequence[str] = ()) -> dict[str, Any]:
    """The modules of the synthesized design as Yosys writes them in JSON; ``keep`` are (module,
    instance) of those that stay modules of their own. There may be commands ``before`` and
    ``after`` synthesis, and what they write to ``stat.json`` of a module joins it.

    A fresh folder a run, and the result must have come from it: what a failed run left behind can
    never be read.
    """
    with scratch("qhw-synth-") as folder:
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
        programs.run_yosys([
            *(f"read_verilog -overwrite {file}" for file in files if file.endswith(".v")),
            f"hierarchy -top {top}",
            *(f"setattr -set keep_hierarchy 1 {module}/c:{instance}" for module, instance in keep),
            *before,
            f"{target.family.synth} -top {top}",
            *after,
            "write_json netlist.json"], folder)
        found = read_netlist(folder)
        if (folder / "stat.json").is_file():
            for module, known in json.loads((folder / "stat.json").read_text())["modules"].items():
                found[module.removeprefix("\\")] |= known
        return found


def read_netlist(folder: Path) -> dict[str, Any]:
    """The modules of ``netlist.json``."""
    try:
        return json.loads((folder / "netlist.json").read_text())["modules"]
    except (OSError, ValueError, KeyError) as e:
        raise ToolError(f"Yosys wrote no netlist: {e}") from None


def cells(module: Mapping[str, Any], target: Target) -> Cost:
    """The cost of one module of a netlist."""
    family = target.family
    count = Counter[str](cell["type"] for cell in module["cells"].values())
    return replace(family.primitives.cost(module),
                   ns=round(critical(module, family.primitives, target.delays), 2),
                   transistors=family.gates.counted(count) if family.gates else 0)

"""Measures the cost of a network: Yosys synthesizes the Verilog, and the cells are counted as the
chip's sites.

Synthesis keeps the layers' boundaries, so every cell belongs to a layer, and the layers add up to
the whole."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from ..errors import ToolError
from ..graph import Graph
from ..targets import Target
from ..targets.cost import Cost
from ..targets.primitives import Module
from ..targets.timing import critical
from ..tools import programs
from ..tools.processes import scratch
from ..verilog.design import Design

__all__ = ["Synthesis", "cells", "kept", "modules", "netlist", "read_netlist", "synthesize"]

TOGETHER = "qhw_together"
"""The module that holds several networks."""

Synthesis = Mapping[str, Cost]
"""Cost by unit, in stream order, and of what holds them together under ``""``."""


def synthesize(graph: Graph, target: Target) -> Synthesis:
    """Measures the cost of every unit of a lowered graph on a target; ToolError if Yosys fails."""
    units, = modules([graph], target)
    return {name: cells(module, target) for name, module in units.items()}


def modules(graphs: Sequence[Graph], target: Target) -> list[dict[str, Module]]:
    """Synthesizes every unit of each graph in one run; returns netlists by graph and unit.

    The logic between units is under ``""``. Graphs must have different names.
    """
    designs = [Design.of(graph, target) for graph in graphs]
    files = {file: text for design in designs for file, text in design.files.items()}
    keep, top = [unit for design in designs for unit in kept(design)], designs[0].name
    if len(designs) > 1:
        top = TOGETHER
        files[f"{TOGETHER}.v"] = _together(designs)
        keep += [(TOGETHER, design.name) for design in designs]
    found = netlist(files, top, keep, target)
    return [{**{unit: found[found[design.name]["cells"][instance]["type"]]
                for unit, instance in design.instances.items()}, "": found[design.name]}
            for design in designs]


def kept(design: Design) -> list[tuple[str, str]]:
    """Lists (module, instance) of the units, which stay modules through synthesis."""
    return [(design.network.name, instance) for instance in design.instances.values()]


def _together(designs: Sequence[Design]) -> str:
    """A module with one of each side by side."""
    names = [design.name for design in designs]
    if len(set(names)) < len(names):
        raise ValueError(f"Networks of one design have different prefixes, not {', '.join(names)}")
    ports, lines = list[str](), list[str]()
    for design in designs:
        name = design.name
        ports += [f"{port.direction} [{port.bits - 1}:0] {name}__{port.name}"
                  for port in design.ports]
        joined = ", ".join(f".{port.name}({name}__{port.name})" for port in design.ports)
        lines.append(f"  {name} {name} ({joined});")
    return "\n".join([f"module {TOGETHER} ({', '.join(ports)});", *lines, "endmodule", ""])


def netlist(files: Mapping[str, str], top: str, keep: Sequence[tuple[str, str]], target: Target, *,
            before: Sequence[str] = (), after: Sequence[str] = ()) -> dict[str, Module]:
    """Synthesizes a design; returns its modules as Yosys writes them in JSON.

    Each run has a fresh folder, so the result of a failed run is never read. Statistics that the
    commands write to ``stat.json`` are added to their modules.

    Parameters
    ----------
    files : Verilog by file name
    top : name of the top module
    keep : (module, instance) of instances that stay modules of their own
    target : the chip
    before, after : commands before and after synthesis
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
                cast(dict[str, object], found[module.removeprefix("\\")]).update(known)
        return found


def read_netlist(folder: Path) -> dict[str, Module]:
    """Reads the modules of ``netlist.json`` in a folder, by name; ToolError if the file is missing
    or damaged."""
    try:
        return json.loads((folder / "netlist.json").read_text())["modules"]
    except (OSError, ValueError, KeyError) as e:
        raise ToolError(f"Yosys wrote no netlist: {e}") from None


def cells(module: Module, target: Target) -> Cost:
    """Counts the cost of one module of a netlist."""
    family = target.family
    count = Counter[str](cell["type"] for cell in module["cells"].values())
    return replace(family.primitives.cost(module),
                   ns=round(critical(module, family.primitives, target.delays), 2),
                   transistors=family.gates.counted(count) if family.gates else 0)

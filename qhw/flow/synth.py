"""What a network really costs: Yosys on the generated Verilog, counted as the device counts.

The layers' boundaries are kept through synthesis, so every cell belongs to a layer and the layers
add up to the whole.
"""

import json
import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import ToolError
from ..ir import Graph
from . import tools
from .cost import Cost
from .emit import emit, module_name
from .pack import logic_cells
from .targets import Target
from .top import stages

__all__ = ["Synthesis", "cells", "modules", "netlist", "synthesize"]

Synthesis = Mapping[str, Cost]
"""Cost by unit, in stream order, and of what holds them together under ``""``."""


def synthesize(graph: Graph, target: Target) -> Synthesis:
    """The cost of every unit of a lowered graph on a target; ToolError if Yosys fails."""
    return {name: cells(module, target) for name, module in modules(graph, target).items()}


def modules(graph: Graph, target: Target) -> dict[str, Any]:
    """The synthesized netlist of every unit, and of what holds them together under ``""``."""
    top = module_name(graph)
    names = [stage.name for stage in stages(graph)]
    files = emit(graph, target)
    # A layer named like a word of Verilog has an instance with a number behind its name.
    text = files[f"{top}.v"]
    inside = text[text.index(f"module {top} ("):]
    taken = set(re.findall(r"^  \w+ (\w+) \($", inside[:inside.index("endmodule")], re.MULTILINE))
    instances = {name: name if name in taken else f"{name}_2" for name in names}
    found = netlist(files, top, list(instances.values()), target)
    units = {name: found[found[top]["cells"][instance]["type"]]
             for name, instance in instances.items()}
    return {**units, "": found[top]}


def netlist(files: Mapping[str, str], top: str, keep: list[str], target: Target) -> dict[str, Any]:
    """The modules of the synthesized design as Yosys writes them in JSON; the instances ``keep`` in
    the top stay modules of their own.

    A fresh folder a run, and the result must have come from it: what a failed run left behind can
    never be read.
    """
    with tempfile.TemporaryDirectory(prefix="qhw-synth-") as name:
        folder = Path(name)
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
        (folder / "run.ys").write_text("\n".join([
            f"read_verilog {top}.v",
            f"hierarchy -check -top {top}",
            *(f"setattr -set keep_hierarchy 1 {top}/c:{instance}" for instance in keep),
            f"{target.family.synth} -top {top}",
            "write_json netlist.json",
            ""]), encoding="utf-8")
        said = tools.run([*tools.yosys(), "run.ys"], cwd=folder, what="Yosys")
        for line in said.splitlines():
            if "Warning" in line and "conflict" in line:
                raise ToolError(f"Yosys found conflicting drivers: {line.strip()}")
        try:
            return json.loads((folder / "netlist.json").read_text())["modules"]
        except (OSError, ValueError, KeyError) as e:
            raise ToolError(f"Yosys wrote no netlist: {e}") from None


LUTS = {
    **{f"LUT{k}": 1 for k in range(1, 7)}, "SB_LUT4": 1, "INV": 1,
    "CCU2C": 2, "TRELLIS_DPR16X4": 4,           # ECP5: LUT sites
    "ALU": 1, "RAM16SDP4": 4,                   # Gowin: an ALU is a LUT
    "RAM32M": 4, "RAM64M": 4, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4,
}
"""LUT sites that a cell takes."""

BRAMS = {"SB_RAM40_4K": 1, "DP16KD": 1, "RAMB18E1": 1, "RAMB36E1": 2,
         "SP": 1, "SPX9": 1, "SDPB": 1, "SDPX9B": 1, "DPB": 1, "DPX9B": 1, "pROM": 1, "pROMX9": 1}
"""Block RAMs: of 4 kbit on iCE40, 18 kbit elsewhere."""

DSPS = {"SB_MAC16": 1, "MULT18X18D": 1, "DSP48E1": 1, "MULT9X9": 1, "MULT18X18": 1, "MULT36X36": 1}

CARRIES = {"SB_CARRY": 1, "CCU2C": 2, "ALU": 1, "CARRY4": 4}
"""Bits of a carry chain."""


def is_flip_flop(kind: str) -> bool:
    return kind.startswith(("SB_DFF", "TRELLIS_FF", "DFF", "FD", "$_DFF", "$_SDFF"))


def cells(module: Mapping[str, Any], target: Target) -> Cost:
    """The cost of one module of a netlist."""
    count = Counter(cell["type"] for cell in module["cells"].values())
    luts = sum(LUTS.get(kind, 0) * n for kind, n in count.items())
    if target.family.name == "ice40":
        luts = logic_cells(module)
    elif target.family.name == "asic":
        luts = sum(n for kind, n in count.items() if kind.startswith("$_"))
    return Cost(
        luts=luts,
        ffs=sum(n for kind, n in count.items() if is_flip_flop(kind)),
        brams=sum(BRAMS.get(kind, 0) * n for kind, n in count.items()),
        dsps=sum(DSPS.get(kind, 0) * n for kind, n in count.items()),
        carries=sum(CARRIES.get(kind, 0) * n for kind, n in count.items()))

"""Netlists: what Yosys makes of a network."""

import json
from collections import Counter
from pathlib import Path

from ..graph import Graph
from ..lower import lower
from ..tools import programs
from ..verilog.design import Design

__all__ = ["cells"]


def cells(graph: Graph, folder: Path, *passes: str) -> Counter[str]:
    """Counts the cells of each type that a network has after Yosys's ``passes``; ``{top}`` in a
    pass is the network's module.

    ``folder`` receives the Verilog and the netlist."""
    graph = lower(graph)
    design = Design.of(graph)
    top = design.name
    for name, text in design.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "run.ys").write_text("\n".join([
        f"read_verilog {top}.v", *(p.format(top=top) for p in passes), "write_json out.json", ""]),
        encoding="utf-8")
    programs.run([*programs.yosys(), "run.ys"], cwd=folder)
    modules = json.loads((folder / "out.json").read_text(encoding="utf-8"))["modules"]
    return Counter(cell["type"] for cell in modules[top]["cells"].values())

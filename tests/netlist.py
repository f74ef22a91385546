"""Netlists: what Yosys makes of a design, and some written by hand."""

import json
from collections import Counter

from qhw.lower import lower
from qhw.tools import programs
from qhw.verilog.design import Design


def synthesized(text, synth, folder):
    """The file in the folder with what Yosys makes of the Verilog of a module ``top``."""
    (folder / "top.v").write_text(text)
    programs.run_yosys(["read_verilog top.v", f"{synth} -top top", "flatten", "opt_clean",
                        "delete t:$scopeinfo", "write_json netlist.json"], folder)
    return folder / "netlist.json"


def cells(graph, folder, *passes):
    """How many cells of each type there are after the Yosys passes ``passes``."""
    graph = lower(graph)
    design = Design.of(graph)
    top = design.name
    for name, text in design.files.items():
        (folder / name).write_text(text)
    (folder / "run.ys").write_text("\n".join([
        f"read_verilog {top}.v", *(p.format(top=top) for p in passes), "write_json out.json", ""]))
    programs.run([*programs.yosys(), "run.ys"], cwd=folder)
    modules = json.loads((folder / "out.json").read_text())["modules"]
    return Counter(cell["type"] for cell in modules[top]["cells"].values())


def cell(kind, outputs, **pins):
    """A cell as Yosys writes it in JSON, each pin with one bit."""
    return {"type": kind, "connections": {pin: [bit] for pin, bit in pins.items()},
            "port_directions": {p: "output" if p in outputs else "input" for p in pins}}


def netlist(*cells, outputs=()):
    """A module of these cells, and the bits that leave it."""
    return {"cells": dict(enumerate(cells)),
            "ports": {"y": {"direction": "output", "bits": list(outputs)}}}

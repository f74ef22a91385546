"""Netlists: what Yosys makes of a design, and some written by hand."""

from qhw.tools import programs


def synthesized(text, synth, folder):
    """The file in the folder with what Yosys makes of the Verilog of a module ``top``."""
    (folder / "top.v").write_text(text)
    programs.run_yosys(["read_verilog top.v", f"{synth} -top top", "flatten", "opt_clean",
                        "delete t:$scopeinfo", "write_json netlist.json"], folder)
    return folder / "netlist.json"


def cell(kind, outputs, **pins):
    """A cell as Yosys writes it in JSON, each pin with one bit."""
    return {"type": kind, "connections": {pin: [bit] for pin, bit in pins.items()},
            "port_directions": {p: "output" if p in outputs else "input" for p in pins}}


def netlist(*cells, outputs=()):
    """A module of these cells, and the bits that leave it."""
    return {"cells": dict(enumerate(cells)),
            "ports": {"y": {"direction": "output", "bits": list(outputs)}}}

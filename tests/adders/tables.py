"""Truth tables of modules of cells, by Yosys with its own models of the cells."""

import re
from pathlib import Path

from qhw.tools import programs

MODELS = {"": "", "ice40": "ice40/cells_sim.v", "ecp5": "ecp5/cells_sim.v",
          "gowin": "gowin/cells_sim.v", "xc7": "xilinx/cells_sim.v"}


def table(folder, text, family):
    """All rows, x and y, of the module ``top`` in a text."""
    share = Path(programs.find_spec("pyosys").origin).parent / "share"
    (folder / "top.v").write_text(text)
    models = (share / MODELS[family]).read_text() if family else ""
    # Without the memories, which Yosys would take apart into registers.
    (folder / "cells.v").write_text(re.sub(r"module SB_(SPRAM|RAM).*?endmodule", "", models,
                                           flags=re.DOTALL))
    (folder / "run.ys").write_text("\n".join([
        f"read_verilog -overwrite -D NO_ICE40_DEFAULT_ASSIGNMENTS -I{share} "
        f"-I{share / MODELS[family].partition('/')[0]} cells.v top.v",
        "hierarchy -check -top top", "proc", "flatten", "opt -purge",
        "eval -table x -show y top", ""]))
    said = programs.run([*programs.yosys(), "run.ys"], cwd=folder)
    rows = re.findall(r"^\s*\d+'([01]+) \|\s*\d+'([01]+)\s*$", said, re.MULTILINE)
    return [(int(x, 2), int(y, 2)) for x, y in rows]

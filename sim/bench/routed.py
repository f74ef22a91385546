"""A module between shift registers, three pins in all, synthesized, placed and routed."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qhw.synthesis.place import flow, nextpnr
from qhw.targets import Family
from qhw.tools import programs

__all__ = ["between", "routed"]


def between(instance: str, inputs: int, outputs: int) -> str:
    """Writes the module ``placed``: registers before and behind an instance.

    Parameters
    ----------
    instance : its Verilog, with inputs ``x`` and outputs ``y``
    inputs, outputs : bits of ``x`` and ``y``"""
    return f"""
module placed (input clk, input d, output q);
  reg [{inputs - 1}:0] x;
  reg [{outputs - 1}:0] kept;
  wire [{outputs - 1}:0] y;
  {instance}
  always @(posedge clk) begin
    x <= {{x, d}};
    kept <= {{kept, d}} ^ y;
  end
  assign q = kept[{outputs - 1}];
endmodule
"""


def routed(files: Mapping[str, str], family: Family, options: Sequence[str], mhz: float
           ) -> dict[str, Any]:
    """Synthesizes, places and routes a module ``placed``; returns nextpnr's report.

    Parameters
    ----------
    files : texts by name, Verilog and what it reads
    family : the chip's family
    options : nextpnr's, for the chip
    mhz : the clock that is asked"""
    with tempfile.TemporaryDirectory(prefix="qhw-routed-") as temporary:
        folder = Path(temporary)
        for file, text in files.items():
            (folder / file).write_text(text)
        programs.run_yosys([*(f"read_verilog {file}" for file in files if file.endswith(".v")),
                            "hierarchy -top placed",
                            f"{family.synth.replace(' -noiopads', '')} -top placed", "flatten",
                            "opt_clean", "delete t:$scopeinfo", "write_json netlist.json"], folder)
        return nextpnr(folder, flow(family), options, mhz)

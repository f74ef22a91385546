"""Gates and transistors of an ASIC, against Yosys's own count."""

import json
from collections import Counter

import pytest

from qhw.estimator.prices import prices
from qhw.targets import family, in_gates
from qhw.targets.asic import ASIC, FLIP_FLOPS, GATES, transistors
from qhw.tools import programs

LOGIC = """
module gates (input clk, input en, input rst, input [7:0] a, b, output reg [7:0] y, z, s, t);
  always @(posedge clk) begin
    y <= (a + b) ^ {8{a < b}};
    if (en) z <= y & a;
    if (rst) s <= 0; else s <= z;
    if (rst) t <= 8'hff; else if (en) t <= s;
  end
endmodule
"""


def counted(folder, *script):
    """The cells of the netlist, and Yosys's count of transistors as text."""
    (folder / "gates.v").write_text(LOGIC)
    programs.run_yosys(["read_verilog gates.v", "synth -flatten -top gates", *script,
                        "write_json netlist.json", "tee -q -o stat.json stat -tech cmos -json"],
                       folder)
    cells = json.loads((folder / "netlist.json").read_text())["modules"]["gates"]["cells"]
    stat = json.loads((folder / "stat.json").read_text())["design"]
    return Counter(cell["type"] for cell in cells.values()), stat["estimated_num_transistors"]


@pytest.mark.parametrize("gates", ["", "abc -g cmos", "abc -g simple"])
def test_transistors_of_gates_are_those_that_yosys_counts(gates, tmp_path):
    """Where enables and resets are gates, Yosys knows every cell."""
    cells, stat = counted(tmp_path, "dfflegalize -cell $_DFF_P_ x", "simplemap", "opt_clean", gates)
    assert not any(kind.startswith(("$_DFFE", "$_SDFF")) for kind in cells)
    assert transistors(cells) == int(stat)


def test_enables_and_resets_cost_what_they_are_made_of(tmp_path):
    """Yosys leaves them out, and says so by a plus."""
    cells, stat = counted(tmp_path)
    plain = Counter({kind: n for kind, n in cells.items()
                     if not kind.startswith(("$_DFFE", "$_SDFF"))})
    assert stat == f"{transistors(plain)}+"
    rest = cells - plain
    assert sum(rest.values()) == 24
    assert transistors(rest) == 8 * (28 + 22 + 34)


def test_every_generic_gate_has_its_count():
    assert all(transistors({f"$_{kind}_": 1}) > 0 for kind in GATES)
    assert all(transistors({f"$_{kind}_PP0_": 1}) >= 16 for kind in FLIP_FLOPS)
    assert transistors({"SB_LUT4": 5, "$paramod$abc": 2}) == 0


def test_all_generic_gates_are_counted_and_no_others():
    module = {"cells": {str(k): {"type": kind} for k, kind in enumerate(
        ("$_AND_", "$_SDFFE_PP0P_", "$_DFF_P_", "unit"))}}
    cost = ASIC.primitives.cost(module)
    assert (cost.luts, cost.ffs, cost.brams, cost.dsps, cost.carries) == (3, 2, 0, 0, 0)


def test_its_costs_are_gates():
    assert in_gates("asic") and not in_gates("xc7") and not in_gates(None)
    assert prices("asic").gates is ASIC.gates is family("asic").gates
    assert ASIC.style(64, 4096, writable=True) == ASIC.style(64, 4096, writable=False) == "logic"

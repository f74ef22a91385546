"""Gates and transistors, against Yosys's own count."""

import json
from collections import Counter

import pytest

import qhw
from qhw.flow import tools
from qhw.flow.transistors import FLIP_FLOPS, GATES, transistors
from tests.tiny import write_tiny

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
    tools.run_yosys(["read_verilog gates.v", "synth -flatten -top gates", *script,
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


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Its float layers quantized."""
    folder = tmp_path_factory.mktemp("asic")
    qhw.quantize(write_tiny(folder / "float"), "ternary", folder / "tiny")
    return folder / "tiny"


@pytest.fixture(scope="module")
def known(tiny):
    return qhw.synth(tiny, "asic", cycles=16)


def test_a_networks_transistors(known):
    predicted, found = known["estimate"], known["measured"]
    assert found["transistors"] == known["transistors"] > 6 * found["luts"]
    assert abs(predicted["transistors"] / found["transistors"] - 1) < 0.25
    assert sum(layer["measured"]["transistors"] for layer in known["layers"]) <= \
        found["transistors"]
    assert qhw.estimate("digits-binary", "ecp5-25k")["transistors"] == 0

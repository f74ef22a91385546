"""ECP5 against Yosys's and nextpnr's files: cells, block RAM, chips; and its carry chains, to which
nextpnr adds nothing, and which still compute the same."""

import json

import numpy as np
import pytest

from qhw.synthesis.synth import read_netlist
from qhw.targets import ecp5
from qhw.targets.ecp5 import close_chains
from qhw.tools import programs
from sim.proof.netlist import outputs
from tests.netlist import synthesized
from tests.targets.laws import FamilyLaws

ECP5 = ecp5.ECP5.synth

SUMS = """module top (input clk, input d, output q);
  reg [31:0] x;  reg [15:0] y;
  always @(posedge clk) begin
    x <= {x, d};
    y <= {y, d} ^ {x[31:24] + x[23:16], x[15:8] + x[7:0]};
  end
  assign q = y[15];
endmodule
"""

KINDS = """module top (input [23:0] x, output [45:0] y);
  wire signed [7:0] a = x[7:0], b = x[15:8], c = x[23:16];
  assign y = {a + b, a - b, 9'd37 - {1'b0, c}, c + 8'd3, a < b, x[7:0] >= x[23:16],
              {1'b0, a} + b + 1'b1, a == 8'd77};
endmodule
"""


class TestEcp5(FamilyLaws):
    module = ecp5
    cells = ("+/ecp5/cells_sim.v", "+/ecp5/cells_bb.v")
    modes = "lattice/brams_16kd.txt"
    unconstrained = ("--lpf-allow-unconstrained",)


@pytest.mark.parametrize(("width", "depth", "blocks"), [
    (128, 64, 4), (40, 300, 2), (20, 2048, 3), (18, 3000, 3), (9, 9000, 5)])
def test_block_rams(width, depth, blocks):
    assert ecp5.ECP5.blocks(width, depth) == blocks


def test_chains_take_no_cells(tmp_path):
    """Two sums of eight bits: each had two slices of two cells around it, and has a LUT now."""
    netlist, used = synthesized(SUMS, ECP5, tmp_path), []
    for _ in range(2):
        programs.run([programs.needed("nextpnr-ecp5"), "--25k", "--package", "CABGA381",
                      "--lpf-allow-unconstrained", "--json", "netlist.json", "--report",
                      "report.json", "--quiet"], cwd=tmp_path, what="nextpnr-ecp5")
        report = json.loads((tmp_path / "report.json").read_text())
        used.append(report["utilization"]["TRELLIS_COMB"]["used"])
        close_chains(netlist)
    assert used[0] - used[1] == 2 * (2 + 2 - 1)


@pytest.mark.parametrize("open_carry", [0, (1 << 3000) - 1, 0x5A5A5A << 900])
def test_chains_compute_the_same(open_carry, tmp_path):
    """Whatever comes in where nothing is connected."""
    netlist = synthesized(KINDS, ECP5, tmp_path)
    x = np.random.default_rng(0).integers(0, 2, (3000, 24))
    x[:2] = [[0], [1]]
    before = outputs(read_netlist(tmp_path)["top"], x)
    close_chains(netlist)
    after = read_netlist(tmp_path)["top"]
    chains = [c["connections"] for c in after["cells"].values() if c["type"] == "CCU2C"]
    assert {"x"} <= {pins["CIN"][0] for pins in chains} and not any(
        pins["CIN"][0] in ("0", "1") for pins in chains)
    assert (outputs(after, x, unknown=open_carry) == before).all()
    close_chains(netlist)
    assert read_netlist(tmp_path)["top"] == after

"""Gowin against Yosys's and nextpnr's files: cells, block RAM and chips."""

from qhw.targets import gowin
from tests.targets.laws import FamilyLaws


class TestGowin(FamilyLaws):
    module = gowin
    cells = ("+/gowin/cells_sim.v", "+/gowin/cells_xtra_gw1n.v")
    modes = "gowin/brams.txt"
    blink = "module top; wire x; (* keep *) LUT1 #(.INIT(1)) one (.F(x), .I0(x)); endmodule"

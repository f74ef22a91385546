"""Gowin against Yosys's and nextpnr's files: cells, block RAM and chips."""

import pytest

from qhw.targets import gowin
from qhw.targets.timing import critical
from tests.netlist import cell, netlist
from tests.targets.laws import FamilyLaws


class TestGowin(FamilyLaws):
    module = gowin
    cells = ("+/gowin/cells_sim.v", "+/gowin/cells_xtra_gw1n.v")
    modes = "gowin/brams.txt"
    blink = "module top; wire x; (* keep *) LUT1 #(.INIT(1)) one (.F(x), .I0(x)); endmodule"


@pytest.mark.parametrize("kind", gowin.BLOCKS)
def test_a_way_begins_at_a_block_ram_of_any_sort(kind):
    (chip, *_), family = gowin.TARGETS, gowin.GOWIN
    found = netlist(cell("LUT4", "F", I0=1, F=2), cell(kind, "DO", AD=2, DO=3),
                    cell("LUT4", "F", I0=3, F=4), outputs=[4])
    assert family.primitives.cost(found).brams == 1
    wanted = chip.delays.clock + chip.delays.memory + chip.delays.level
    assert critical(found, family.primitives, chip.delays) == pytest.approx(wanted)

"""iCE40 against Yosys's and nextpnr's files: cells, block RAM, chips; packing by hand."""

from fractions import Fraction

import pytest

from qhw.targets import ice40
from qhw.targets.ice40 import filter_range, logic_cells
from tests.netlist import cell, netlist
from tests.targets.laws import FamilyLaws


class TestIce40(FamilyLaws):
    module = ice40
    cells = ("+/ice40/cells_sim.v",)
    modes = "ice40/brams.txt"
    unconstrained = ("--pcf-allow-unconstrained",)


def test_packing_by_hand():
    """A LUT and the flip-flop it feeds are a cell; a flip-flop or a carry alone is one too."""
    lut = cell("SB_LUT4", "O", I0="0", I1=1, I2=2, I3=3, O=4)
    assert logic_cells(netlist(lut, cell("SB_DFF", "Q", D=4, C=9, Q=5), outputs=[5])) == 1
    assert logic_cells(netlist(lut, cell("SB_DFF", "Q", D=4, C=9, Q=5), outputs=[4, 5])) == 2
    assert logic_cells(netlist(cell("SB_DFF", "Q", D=7, C=9, Q=5), outputs=[5])) == 1
    carry = cell("SB_CARRY", ("CO",), I0=1, I1=2, CI=3, CO=6)
    onward = cell("SB_LUT4", "O", I0="0", I1=7, I2=8, I3=6, O=10)
    assert logic_cells(netlist(lut, carry, onward, outputs=[4, 10])) == 3     # 2 and the way in


def test_the_loop_s_filter_as_icepll_chooses_it():
    """By what is below each bound: at the bound itself it is the next one."""
    for number, bound in enumerate((17, 26, 44, 66, 101), 1):
        assert filter_range(Fraction(bound) - Fraction(1, 1000)) == number
        assert filter_range(Fraction(bound)) == number + 1


@pytest.mark.parametrize(("width", "depth", "blocks"), [
    (128, 64, 8), (16, 64, 1), (40, 512, 5), (3, 2048, 2)])
def test_block_rams(width, depth, blocks):
    """As Yosys maps them."""
    assert ice40.ICE40.blocks(width, depth) == blocks

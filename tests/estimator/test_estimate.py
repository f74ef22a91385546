"""Estimates: the mapper by hand, DSP blocks as Yosys makes them, energies from the paper, errors on
networks that no price was fitted to."""


import pytest

from qhw.estimator.chip import Chip
from qhw.hw.streams.reorder import ReorderUnit
from qhw.targets.cost import Cost
from qhw.targets.timing import critical
from tests.estimator.mapping import ICE40

from ..netlist import cell, netlist


@pytest.mark.parametrize(("block", "blocks"), [(128, 1), (256, 1), (512, 2), (1024, 4)])
def test_a_reorder_has_two_banks(block, blocks):
    """One is read while the other is written: of bytes, 512 go into a block RAM of iCE40."""
    unit = ReorderUnit(8, 1, block, ((2, block // 2), (block // 2, 1)))
    assert unit.made_of(Chip(ICE40))["bram"] == blocks


def test_the_longest_way_through_a_netlist():
    """Two LUTs between flip-flops, and a carry chain."""
    def lut(out, **pins):
        return cell("SB_LUT4", "O", **{**{f"I{k}": "0" for k in range(4)}, **pins, "O": out})
    found = netlist(cell("SB_DFF", "Q", D=5, C=9, Q=2), lut(3, I0=2), lut(5, I0=3, I1=2),
                    outputs=[5])
    d = ICE40.delays
    assert critical(found, ICE40.family.primitives, d) == pytest.approx(d.clock + 2 * d.level)


def test_costs_add_up_and_the_longest_way_stays():
    assert Cost(1, 2, 3, 4, 5, 6.0) + Cost(1, 1, 1, 1, 1, 2.0) == Cost(2, 3, 4, 5, 6, 6.0)

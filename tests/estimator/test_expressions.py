"""Expressions as bits: comparisons, choices, and what is constant or alike."""


import pytest
from amaranth.hdl import Cat, Const, Mux, Signal, signed

from qhw.estimator.chip import Chip
from qhw.estimator.sums import COLUMNS
from qhw.synthesis.synth import cells, read_netlist
from qhw.targets import target
from tests.estimator.mapping import ICE40, mapped
from tests.netlist import synthesized


@pytest.mark.parametrize(("chip", "low"), [
    ("ecp5-25k", 0), ("ecp5-25k", 2), ("ecp5-25k", 3), ("ice40hx8k", 0), ("ice40hx8k", 3)])
def test_comparators_are_what_yosys_makes_of_them(chip, low, tmp_path):
    """Without a limit's lowest bits that are 0, and without a pair of which one bit is used."""
    kind = target(chip)
    synthesized("module top (input [7:0] a, b, output y); "
                f"assign y = a >= {{b[7:{low}], {low}'d0}}; endmodule\n".replace(", 0'd0", ""),
                kind.family.synth, tmp_path)
    found = cells(read_netlist(tmp_path)["top"], kind)
    made = mapped(Signal(8) >= Cat(Const(0, low), Signal(8 - low)), kind)
    assert made.compared == found.carries


def test_shared_and_constant():
    a, b = Signal(4), Signal(4)
    e = Chip(ICE40).expressions()
    e.need((a & b) ^ 1, a & b)
    assert e.mapper.luts == 4
    assert mapped(Mux(Signal(), 5, 5)).luts == 0
    assert mapped(Mux(Signal(), a, b)).luts == 4
    assert mapped(Signal(signed(8)) < 0).luts == 0
    assert mapped(Signal(4) > 15).luts == 0 and mapped(Signal(4) > 14).luts == 1


def test_one_net_that_chooses_twice():
    """x << {s, s} is by 0 or 3: the bit between the two places is constantly 0."""
    twice = Signal(2, attrs={COLUMNS: [0, 0]})
    e = Chip(ICE40).expressions()
    shifted = Signal(2) << twice
    assert e.bits(shifted)[2] == 0
    e.need(shifted)
    assert e.mapper.luts == 4

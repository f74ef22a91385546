"""Sums and comparisons, by hand and as Yosys maps them."""


import pytest
from amaranth.hdl import Signal, signed

from qhw.synthesis.synth import cells, read_netlist
from qhw.targets import target
from tests.estimator.mapping import mapped
from tests.netlist import synthesized


def test_additions():
    """Two numbers go into a carry chain, three bits into a full adder of two LUTs; a constant 0
    and a copy are nothing."""
    a, b, c = Signal(4), Signal(4), Signal(4)
    two = mapped(a + b)
    assert (two.luts, two.alu, two.single) == (0, 4, 1)     # the last is the carry
    assert (mapped(a + 0).luts, mapped(a + 0).alu) == (0, 0)
    three = mapped(a + b + c)
    assert three.luts == 8 and three.alu + three.single == 5


@pytest.mark.parametrize(("chip", "value", "expression"), [
    ("xc7", Signal(8) + Signal(8), "a + b"),
    ("xc7", Signal(signed(8)) + Signal(signed(8)), "$signed(a) + $signed(b)"),
    ("xc7", Signal(8) + 37, "a + 8'd37"),
    ("xc7", Signal(signed(8)) - 37, "$signed(a) - 9'sd37"),
    ("ecp5-25k", Signal(3) + Signal(3), "a[2:0] + b[2:0]"),
    ("ecp5-25k", Signal(4) + Signal(4), "a[3:0] + b[3:0]"),
    ("ice40hx8k", Signal(1) + Signal(1), "a[0] + b[0]"),
    ("ice40hx8k", Signal(2) + Signal(2), "a[1:0] + b[1:0]")])
def test_adders_are_what_yosys_makes_of_them(chip, value, expression, tmp_path):
    """LUTs before the chain that are there already or alike, and sums too short for a chain."""
    width, kind = len(value), target(chip)
    synthesized(f"module top (input [7:0] a, b, output [{width - 1}:0] y); "
                f"assign y = {expression}; endmodule\n", kind.family.synth, tmp_path)
    found, made = cells(read_netlist(tmp_path)["top"], kind), mapped(value, kind)
    assert (made.chains > 0) == (found.carries > 0)
    assert made.luts + made.alu + made.single == found.luts

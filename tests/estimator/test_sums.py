"""Sums and products that are merged and shared."""


import pytest
from amaranth.hdl import Const, Shape, Signal, signed

from qhw.estimator.chip import Chip
from qhw.synthesis.synth import cells, read_netlist
from qhw.targets import target
from tests.estimator.mapping import ICE40, mapped
from tests.netlist import synthesized


@pytest.mark.parametrize(("factor", "signed_x", "apart"), [
    (11, False, True), (-11, False, False), (11, True, False), (-11, True, False),
    (20, False, True), (-20, False, True), (20, True, True), (-20, True, True)])
def test_products_join_signed_sums_if_they_are_signed_and_odd(factor, signed_x, apart, tmp_path):
    """Otherwise there is a constant 0 beside them, which keeps ``alumacc`` from merging them, and
    they have a carry chain of their own."""
    x = "$signed(x)" if signed_x else "$signed({1'b0, x})"
    synthesized("module top (input [4:0] x, input signed [11:0] z, output signed [13:0] y); "
                f"wire signed [7:0] k = {factor}; assign y = {x} * k + z; endmodule\n",
                ICE40.family.synth, tmp_path)
    found = cells(read_netlist(tmp_path)["top"], ICE40)
    made = mapped(Signal(Shape(5, signed=signed_x)) * Const(factor, signed(8))
                  + Signal(signed(12)))
    assert (found.carries > 12, made.chains) == (apart, 1 + apart)


def test_sums_below_shifts_are_shared():
    """Of (a + b) * 2 + c and (a + b) * 2 + d there are three additions."""
    a, b, c, d = (Signal(8) for _ in range(4))
    outputs = [((a + b) << 1) + other for other in (c, d)]
    e = Chip(ICE40).expressions()
    e.share(outputs)
    e.need(*outputs)
    assert e.mapper.chains == 3 and e.mapper.luts == 0


def test_constant_factors_are_shifted_first():
    """x * 12 is (x * 3) << 2, and x * 8 is wiring."""
    x = Signal(8)
    ecp5 = target("ecp5-25k")
    assert mapped(x * Const(8, 4), ecp5).dsps == 0
    e = Chip(ecp5).expressions()
    assert e.bits(x * Const(12, 4))[:2] == [0, 0] and e.mapper.dsps == 1

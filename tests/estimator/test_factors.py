"""Factors of products, and which products go to DSP blocks."""

import pytest
from amaranth.hdl import Const, Signal, signed

from qhw.estimator.chip import Chip
from qhw.estimator.cones import Cone
from qhw.estimator.factors import Factor, dsp_blocks, widths
from qhw.synthesis.synth import cells, read_netlist
from qhw.targets import target
from qhw.targets.family import Dsp
from tests.netlist import synthesized


@pytest.mark.parametrize(("chip", "factors", "width", "expression"), [
    ("xc7", (Signal(4), Signal(4)), 8, "a[3:0] * b[3:0]"),
    ("xc7", (Signal(5), Signal(4)), 9, "a[4:0] * b[3:0]"),
    ("xc7", (Signal(5), Signal(4)), 8, "a[4:0] * b[3:0]"),
    ("ecp5-25k", (Signal(1), Signal(8)), 8, "a[0] * b"),
    ("ecp5-25k", (Signal(5), Signal(8)), 13, "a[4:0] * b"),
    ("ecp5-25k", (Signal(signed(5)), Const(-4, signed(8))), 13, "$signed(a[4:0]) * -8'sd4"),
    ("ecp5-25k", (Signal(signed(5)), Const(4, signed(8))), 13, "$signed(a[4:0]) * 8'sd4"),
    ("xc7", (Signal(signed(5)), Const(-90, signed(8))), 13, "$signed(a[4:0]) * -8'sd90"),
    ("xc7", (Signal(signed(5)), Const(96, signed(8))), 13, "$signed(a[4:0]) * 8'sd96"),
    ("xc7", (Signal(signed(2)), Const(28, signed(8))), 10, "$signed(a[1:0]) * 8'sd28"),
    ("xc7", (Signal(3), Const(-7, signed(10))), 13, "a[2:0] * 13'h1ff9"),
    ("xc7", (Signal(3), Const(9, 4).as_signed()), 13, "$signed({1'b0, a[2:0]}) * -4'sd7")])
def test_products_go_where_yosys_puts_them(chip, factors, width, expression, tmp_path):
    """To DSP blocks from so many bits on of what is needed of them and not constantly 0; powers of
    two are shifts, and what is not written signed is as wide as the sum."""
    kind = target(chip)
    synthesized(f"module top (input [7:0] a, b, output [{width - 1}:0] y); "
                f"assign y = {expression}; endmodule\n", kind.family.synth, tmp_path)
    e, made = Chip(kind).expressions(), Signal(width)
    e.need(e.assign(made, factors[0] * factors[1]))
    assert e.mapper.dsps == cells(read_netlist(tmp_path)["top"], kind).dsps


@pytest.mark.parametrize(("name", "wide", "narrow", "blocks"), [
    # counted in netlists of Yosys 0.70
    ("ice40up5k", 8, 2, 0), ("ice40up5k", 9, 2, 1), ("ice40up5k", 16, 16, 1),
    ("ice40up5k", 18, 8, 1), ("ice40up5k", 18, 9, 2), ("ice40up5k", 18, 18, 3),
    ("ecp5-25k", 2, 2, 1), ("ecp5-25k", 18, 18, 1), ("ecp5-25k", 19, 19, 1),
    ("gw1n-9c", 18, 3, 0), ("gw1n-9c", 4, 4, 1)])
def test_blocks_of_products(name, wide, narrow, blocks):
    assert target(name).family.dsp.blocks(wide, narrow) == blocks


X = Cone(frozenset((1,)))
DSP = Dsp((16, 16), 16, 2, 4)


def factor(*bits, signed=False, declared=None, written=False):
    return Factor(list(bits), signed, declared or len(bits), written)


def test_constants_and_zeros():
    assert factor(0, 1).constant and not factor(0, X).constant
    assert [factor(*bits).zeros for bits in ((1,), (0, 0, 1), (0, X), (0, 0))] == [0, 2, 1, 0]


@pytest.mark.parametrize(("one", "alone", "want"), [
    (factor(0, 1), True, True), (factor(0, 0), True, True), (factor(1, 1), True, False),
    (factor(0, X), True, False), (factor(0, 1, signed=True), True, False),
    (factor(0, 1, signed=True, written=True), True, False),
    (factor(0, 1, signed=True, written=True), False, True)])
def test_factors_that_are_shifts(one, alone, want):
    """Negative ones only if they are literals, and within sums."""
    assert one.is_shift(alone) == want


@pytest.mark.parametrize(("signs", "want"), [
    ((False, False), [3, 2]), ((True, True), [3, 2]), ((True, False), [3, 3]),
    ((False, True), [4, 2])])
def test_a_factor_without_a_sign_gets_a_bit(signs, want):
    assert widths([factor(X, X, X, signed=signs[0]), factor(X, X, signed=signs[1])]) == want


@pytest.mark.parametrize(("pair", "width", "blocks"), [
    ((factor(X, X), factor(X, X)), 4, 1), ((factor(X, X), factor(X, X)), 3, 0),
    ((factor(X, X), factor(0, 1)), 4, 0), ((factor(X, X, X), factor(X, declared=1)), 3, 0),
    ((factor(0, X, X), factor(X, X)), 5, 1), ((factor(0, X, X), factor(X, X)), 4, 0),
    ((factor(*[X] * 17), factor(*[X] * 16)), 33, 1),
    ((factor(*[X] * 18), factor(*[X] * 16)), 34, 2)])
def test_blocks_by_hand(pair, width, blocks):
    """Four bits of a product are worth a block; zeros at the low end are shifted first."""
    assert dsp_blocks(DSP, pair, width, True) == blocks
    assert dsp_blocks(None, pair, width, True) == 0

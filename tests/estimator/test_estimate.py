"""Estimates: the mapper by hand, DSP blocks as Yosys makes them, energies from the paper, errors on
networks that no price was fitted to."""

import json

import numpy as np
import pytest
from amaranth.hdl import Cat, Const, Mux, Shape, Signal, signed

from qhw.estimator import ERRORS, estimate
from qhw.estimator.chip import Chip
from qhw.estimator.parts import support
from qhw.estimator.prices import FILE
from qhw.estimator.sums import COLUMNS
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.hw.streams.reorder import ReorderUnit
from qhw.layers import Dense, Input
from qhw.lower import lower
from qhw.schemes import parse
from qhw.synthesis.synth import cells, read_netlist
from qhw.targets import target
from qhw.targets.cost import Cost
from qhw.targets.timing import critical
from tests.netlist import synthesized

from ..netlist import cell, netlist

ICE40, XC7 = target("ice40hx8k"), target("xc7")


def mapped(value, chip=ICE40):
    e = Chip(chip).expressions()
    e.need(value)
    return e.mapper


@pytest.mark.parametrize(("bits", "luts4", "luts6"), [
    (2, 1, 1), (4, 1, 1), (5, 2, 1), (6, 2, 1), (7, 2, 2), (10, 3, 2), (11, 4, 2), (16, 5, 3)])
def test_a_parity_takes_as_many_luts_as_it_must(bits, luts4, luts6):
    """A tree of k-input LUTs for n inputs has ceil((n - 1) / (k - 1)) of them."""
    assert mapped(Signal(bits).xor()).luts == luts4
    assert mapped(Signal(bits).xor(), XC7).luts == luts6


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


def test_sums_below_shifts_are_shared():
    """Of (a + b) * 2 + c and (a + b) * 2 + d there are three additions."""
    a, b, c, d = (Signal(8) for _ in range(4))
    outputs = [((a + b) << 1) + other for other in (c, d)]
    e = Chip(ICE40).expressions()
    e.share(outputs)
    e.need(*outputs)
    assert e.mapper.chains == 3 and e.mapper.luts == 0


def test_shared_and_constant():
    a, b = Signal(4), Signal(4)
    e = Chip(ICE40).expressions()
    e.need((a & b) ^ 1, a & b)
    assert e.mapper.luts == 4
    assert mapped(Mux(Signal(), 5, 5)).luts == 0
    assert mapped(Mux(Signal(), a, b)).luts == 4
    assert mapped(Signal(signed(8)) < 0).luts == 0
    assert mapped(Signal(4) > 15).luts == 0 and mapped(Signal(4) > 14).luts == 1


@pytest.mark.parametrize(("name", "wide", "narrow", "blocks"), [
    # counted in netlists of Yosys 0.70
    ("ice40up5k", 8, 2, 0), ("ice40up5k", 9, 2, 1), ("ice40up5k", 16, 16, 1),
    ("ice40up5k", 18, 8, 1), ("ice40up5k", 18, 9, 2), ("ice40up5k", 18, 18, 3),
    ("ecp5-25k", 2, 2, 1), ("ecp5-25k", 18, 18, 1), ("ecp5-25k", 19, 19, 1),
    ("gw1n-9c", 18, 3, 0), ("gw1n-9c", 4, 4, 1)])
def test_blocks_of_products(name, wide, narrow, blocks):
    assert target(name).family.dsp.blocks(wide, narrow) == blocks


def test_constant_factors_are_shifted_first():
    """x * 12 is (x * 3) << 2, and x * 8 is wiring."""
    x = Signal(8)
    ecp5 = target("ecp5-25k")
    assert mapped(x * Const(8, 4), ecp5).dsps == 0
    e = Chip(ecp5).expressions()
    assert e.bits(x * Const(12, 4))[:2] == [0, 0] and e.mapper.dsps == 1


def test_one_net_that_chooses_twice():
    """x << {s, s} is by 0 or 3: the bit between the two places is constantly 0."""
    twice = Signal(2, attrs={COLUMNS: [0, 0]})
    e = Chip(ICE40).expressions()
    shifted = Signal(2) << twice
    assert e.bits(shifted)[2] == 0
    e.need(shifted)
    assert e.mapper.luts == 4


def test_columns_of_a_memory():
    """Of addresses 0 .. 3: a bit of the address, one that needs both, a constant, a copy."""
    words = [0b0100, 0b1101, 0b0100, 0b0111 | 0b1000]
    assert sorted(support(words, 4)) == [1, 2]


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


@pytest.mark.parametrize("name", ["ice40hx8k", "ice40up5k", "ecp5-25k", "gw1n-9c", "xc7", "asic"])
def test_every_target_has_prices_from_samples(name):
    known = json.loads(FILE.read_text())[target(name).family.name]
    assert known["tool"].startswith("Yosys") and known["networks"] > 5
    codes = parse("fixed").quantize(np.random.default_rng(0).normal(size=(4, 8)))
    graph = lower(Graph("net", (Node("in", Input((8,), Int(0, 3))),
                                Node("fc", Dense(parse("fixed"), codes), ("in",)))).check())
    total = sum(estimate(graph, target(name)).values(), Cost())
    assert total.luts > 10 and total.ffs > 10 and total.ns > 0


def test_the_error_report_is_what_the_held_out_samples_say():
    accuracy = pytest.importorskip("sim.calibrate.accuracy")
    known = json.loads(ERRORS.read_text())
    found = accuracy.pairs("ice40hx8k")
    assert len(found) == known["networks"] >= 50
    assert accuracy.of(found) == known["targets"]["ice40hx8k"]
    from sim.calibrate.fit import held_out, rows
    assert not {k for k, _, _ in found} - held_out()
    assert {row[3] for row in rows("gw1n-9c")}      # the samples make what they were measured on


def test_prices_come_from_the_samples():
    from sim.calibrate.fit import fit
    known, again = json.loads(FILE.read_text())["gowin"], fit("gw1n-9c")
    assert again["units"] == known["units"]
    for kind, table in known["prices"].items():
        assert again["prices"][kind] == pytest.approx(table, abs=2e-3)

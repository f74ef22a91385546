"""Expressions by hand: each operand is extended by its own sign, and nothing else is written."""

import pytest
from amaranth.hdl import Array, Cat, Const, Mux, Shape, Signal, Value, signed

from qhw.verilog.expressions import Expressions
from qhw.verilog.text import flat

B, C, D, S = (Signal(shape, name=name) for name, shape in (
    ("b", 4), ("c", signed(4)), ("d", 7), ("s", 1)))


class Printer(Expressions):
    """Wires of other expressions are called t1, t2 ..."""

    def __init__(self):
        super().__init__(lambda signal: signal.name, self.wire)
        self.wires = []

    def wire(self, value, width):
        self.wires.append((value, width))
        return Signal(Shape(width, value.shape().signed), name=f"t{len(self.wires)}")


def text(value, width=None):
    """The right side of an assignment, and of the wires that it needs."""
    printer = Printer()
    found = [flat(printer.assigned(value, len(value) if width is None else width))]
    return [*found, *(flat(Printer().assigned(v, w)) for v, w in printer.wires)]


@pytest.mark.parametrize(("value", "width", "want"), [
    (B, 4, "b"), (B, 6, "b"), (B, 2, "b[1:0]"), (B, 1, "b[0]"), (C, 6, "c"),
    (B + B, 5, "b + b"), (C + C, 5, "c + c"), (B + C, 6, "$signed({1'b0, b}) + c"),
    (B + C, 4, "b + c"), (B - 1, 5, "b - 5'd1"), (B + Const(-1, signed(2)), 6, "b - 6'd1"),
    (B + 0, 5, "b"), (B - 0, 5, "b"), (B * 1, 4, "b"), (B & 15, 4, "b"), (B | 0, 4, "b"),
    (B & 7, 4, "b & 4'd7"), (0 - B, 5, "5'd0 - b"), (5 + B, 5, "5'd5 + b"), (-B, 5, "-b"),
    (~B, 4, "~b"), (~B, 6, "{2'd0, ~b}"), (~C, 6, "~c"),
    (B + D - S, 8, "b + d - s"), (B - (D - S), 9, "b - (d - s)"), ((B + B) * D, 12, "(b + b) * d"),
    (B * D + S, 12, "b * d + s"), ((B & D) | S, 7, "(b & d) | s"),
    (B & D & S, 7, "b & d & s"), ((B & D) | (B ^ D), 7, "(b & d) | (b ^ d)"),
    (B << 2, 6, "b << 2"), (B << S, 5, "b << s"),
    ((B + C) << B[:2], 8, "($signed({1'b0, b}) + c) << b[1:0]"),
    (B >> 1, 4, "b >> 1"), (B >> 1, 2, "b[2:1]"), (C >> 1, 4, "c >>> 1"), (C >> 2, 1, "c[2]"),
    (B >> 0, 4, "b"), (B >> 4, 4, "b >> 4"), (B >> 5, 2, "2'd0")])
def test_arithmetic(value, width, want):
    assert text(value, width) == [want]


@pytest.mark.parametrize(("value", "want"), [
    (B < D, "b < d"), (C < C, "c < c"), (B < C, "$signed({1'b0, b}) < c"),
    (B == C, "$signed({1'b0, b}) == c"), (B == 3, "b == 4'd3"), (C == -3, "c == -4'sd3"),
    (C >= 0, "c >= 4'sd0"), (Const(3) < Const(2), "1'b0"), (Const(-3) < Const(2), "1'b1"),
    (B.any(), "|b"), (B.all(), "&b"), (B.xor(), "^b"), (B.bool(), "|b"), (S.any(), "s"),
    (~(B < D), "~(b < d)"), ((B < D) & S, "(b < d) & s"), (B[1:1].all(), "1'b1"),
    (B[1:1].any(), "1'b0")])
def test_relations_and_reductions(value, want):
    assert text(value) == [want]


@pytest.mark.parametrize(("value", "want"), [
    (Cat(B, S), "{s, b}"), (Cat(B, B), "{2{b}}"), (B.replicate(3), "{3{b}}"),
    (Cat(B[:2], B[2:]), "b"), (Cat(B[:1], B[2:]), "{b[3:2], b[0]}"),
    (Cat(Const(1, 2), Const(2, 2), B), "{b, 4'd9}"), (Cat(S, Cat(B, S)), "{s, b, s}"),
    (B[1:3], "b[2:1]"), (B[2], "b[2]"), ((B & ~B)[1:3], "b[2:1] & ~b[2:1]"),
    (B.bit_select(S, 2), "b[s +: 2]"), (B.word_select(S, 2), "b[s * 2'd2 +: 2]"),
    (D.bit_select(B[:2], 1), "d[b[1:0]]"), (B[1:].bit_select(S, 2), "b[s + 2'd1 +: 2]")])
def test_bits(value, want):
    assert text(value) == [want]


@pytest.mark.parametrize(("value", "width", "want"), [
    (C.as_unsigned(), 6, "$unsigned(c)"), (C.as_unsigned(), 4, "c"),
    (B.as_signed(), 6, "$signed(b)"), (B.as_signed(), 4, "b"),
    (B.as_signed().as_unsigned(), 6, "b"), (C[:4], 6, "$unsigned(c)")])
def test_the_same_bits_of_another_sign(value, width, want):
    assert text(value, width) == [want]


@pytest.mark.parametrize(("value", "want"), [
    (Mux(S, C, B), "s ? c : $signed({1'b0, b})"), (Mux(B, C, C), "|b ? c : c"),
    (Mux(B < D, B, D), "(b < d) ? b : d"),
    (Mux(S, B, Mux(B[0], D, 0)), "s ? b : b[0] ? d : 7'd0"),
    (Mux(S, Mux(B[0], D, 0), B), "s ? (b[0] ? d : 7'd0) : b")])
def test_choices(value, want):
    assert text(value) == [want]


@pytest.mark.parametrize(("value", "width", "want"), [
    ((B + B)[1:3], 2, ["t1[2:1]", "b + b"]), ((B + B) < C, 1, ["$signed({1'b0, t1}) < c", "b + b"]),
    ((C + C) < (C - C), 1, ["t1 < (c - c)", "c + c"]),
    ((B + B).as_signed(), 7, ["$signed(t1)", "b + b"]), ((B + B).as_signed(), 5, ["b + b"]),
    (B.bit_select(B[:2], 2), 2, ["t1[1:0]", "b >> t1"]),
    (Value.cast(Array([B, D])[B[0]]), 7, ["(t1 == 1'b0) ? b : (t1 == 1'b1) ? d : 7'd0", "b[0]"])])
def test_what_needs_a_wire(value, width, want):
    """Bits of a sum, a sum whose carry its own width would lose, parts that may lie outside."""
    assert text(value, width)[:2] == want


@pytest.mark.parametrize(("value", "want"), [
    (B, "|b"), (S, "s"), (B < D, "b < d"), (B + B, "|t1")])
def test_conditions(value, want):
    assert flat(Printer().condition(value).doc) == want


@pytest.mark.parametrize(("lo", "hi", "want"), [(0, 4, "b"), (1, 2, "b[1]"), (1, 4, "b[3:1]")])
def test_bits_of_a_signal(lo, hi, want):
    assert Printer().select("b", 4, lo, hi) == want


def test_what_is_not_supported():
    with pytest.raises(NotImplementedError, match="operator // is not supported"):
        text(B // 3)

"""Parts of expressions, by hand."""

import pytest
from amaranth.hdl import Cat, Const, Module, Signal, signed
from amaranth.sim import Simulator

from qhw.verilog.terms import Printed as P
from qhw.verilog.terms import binary, exact, folded, in_range, leaf, matches, num, pieces, repeated
from qhw.verilog.text import flat

B, C, S = Signal(4, name="b"), Signal(signed(4), name="c"), Signal(1, name="s")


def shown(value, lo=0, hi=None):
    return [(base.name if isinstance(base, Signal) else base.value, a, b)
            for base, a, b in pieces(value, lo, len(value) if hi is None else hi)]


@pytest.mark.parametrize(("value", "want"), [
    (B, [("b", 0, 4)]), (B[1:3], [("b", 1, 3)]), (Cat(S, B), [("s", 0, 1), ("b", 0, 4)]),
    (Cat(B[:2], B[2:]), [("b", 0, 4)]), (Cat(B[2:], B[:2]), [("b", 2, 4), ("b", 0, 2)]),
    (Cat(Const(1, 2), Const(2, 2)), [(9, 0, 4)]), (Cat(S, B)[1:3], [("b", 0, 2)]),
    (C.as_unsigned()[1:], [("c", 1, 4)]), (Const(0b1100, 4)[1:3], [(2, 0, 2)]), (B[1:1], [])])
def test_bits_come_from_signals_the_lowest_first(value, want):
    assert shown(value) == want


@pytest.mark.parametrize(("value", "width", "want"), [
    (B, 4, True), (B, 5, False), (B & ~B, 4, True), (B & S, 4, False), (~B, 4, True),
    (B + B, 5, False), (B < C, 1, True), (B.any(), 1, True), (B[1:3], 2, True),
    (Cat(B, S), 5, True), ((B + B)[:2], 2, False), (Const(3, 4), 4, True)])
def test_what_has_its_width_wherever_it_stands(value, width, want):
    assert exact(value, width) == want


@pytest.mark.parametrize(("part", "want"), [
    (B.bit_select(S, 3), True), (B.bit_select(S, 4), False), (B.word_select(S, 2), True),
    (B.word_select(B[:2], 2), False), (B.word_select(B[:2], 1), True)])
def test_parts_that_lie_inside(part, want):
    assert in_range(part) == want


@pytest.mark.parametrize(("patterns", "fits"), [
    (("01-",), {0b010, 0b011}), (("1--", "000"), {0, 4, 5, 6, 7}), (("---",), set(range(8))),
    (("101",), {5})])
def test_patterns(patterns, fits):
    """As Amaranth computes what is made of them."""
    x, y, m, found = Signal(3), Signal(), Module(), set()
    m.d.comb += y.eq(matches(x, patterns))

    async def bench(ctx):
        for k in range(8):
            ctx.set(x, k)
            await ctx.delay(1e-9)
            if ctx.get(y):
                found.add(k)

    sim = Simulator(m)
    sim.add_testbench(bench)
    sim.run()
    assert found == fits


@pytest.mark.parametrize(("op", "left", "right", "want"), [
    ("+", 0, "x", "x"), ("+", "x", 0, "x"), ("-", "x", 0, "x"), ("-", 0, "x", "-"),
    ("*", 1, "x", "x"), ("*", "x", 1, "x"), ("*", 0, "x", "*"), ("&", "x", -1, "x"),
    ("&", "x", 15, "x"), ("&", "x", 7, "&"), ("|", 0, "x", "x"), ("^", "x", 0, "x"),
    ("+", "x", 16, "x"), ("+", "x", 8, "+")])
def test_neutral_constants_are_left_out(op, left, right, want):
    """At four bits, modulo 16."""
    a, b = (num(v) if isinstance(v, int) else leaf(v, 4) for v in (left, right))
    found = folded(op, a, b, 4)
    assert (found.text.doc if want == "x" else found.op) == want


def joined(*words):
    """``a op b op c``, from the left."""
    found = P(words[0])
    for op, right in zip(words[1::2], words[2::2], strict=True):
        found = binary(op, found, P(right))
    return found


@pytest.mark.parametrize(("op", "left", "right", "want"), [
    ("+", joined("a", "-", "b"), P("c"), "a - b + c"),
    ("-", P("a"), joined("b", "+", "c"), "a - (b + c)"),
    ("*", joined("a", "+", "b"), P("c"), "(a + b) * c"),
    ("+", joined("a", "*", "b"), joined("c", "*", "d"), "a * b + c * d"),
    ("&", joined("a", "|", "b"), P("c"), "(a | b) & c"),
    ("|", P("a"), joined("b", "|", "c"), "a | b | c"),
    ("<", joined("a", "+", "b"), joined("c", "-", "d"), "a + b < (c - d)"),
    ("==", joined("a", "&", "b"), P("c"), "(a & b) == c"),
    ("<<", joined("a", "+", "b"), P("2"), "(a + b) << 2"),
    ("+", P("-a", 11), P("b"), "-a + b")])
def test_parentheses_where_they_are_needed_or_help(op, left, right, want):
    assert flat(binary(op, left, right).doc) == want


def test_repeated_bits():
    assert flat(repeated("a", 3)) == "{3{a}}"

"""Statements of Amaranth's as Verilog, by hand."""

import pytest
from amaranth.hdl import Array, Cat, Fragment, Module, Mux, Signal, Value, signed

from qhw.verilog.items import Branch, Set, lines
from qhw.verilog.statements import Statements

A, B, C, D, S, T = (Signal(shape, name=name) for name, shape in (
    ("a", 4), ("b", 4), ("c", signed(4)), ("d", 8), ("s", 1), ("t", 2)))


def items(say):
    """The printer, and the items of what ``say`` says in a module."""
    m = Module()
    say(m)
    printer = Statements(lambda signal: signal.name)
    return printer, printer.items(Fragment.get(m, None).statements["comb"])


def text(say):
    """Wires that were needed, and the statements."""
    printer, found = items(say)
    return [row.strip() for row in lines([*printer.hoisted, *found], "=", 0)]


def put(target, value):
    return lambda m: m.d.comb.__iadd__(target.eq(value))


@pytest.mark.parametrize(("target", "value", "want"), [
    (A, B, ["a = b;"]), (A[1:3], B, ["a[2:1] = b[1:0];"]), (A[0], B[1], ["a[0] = b[1];"]),
    (D, C, ["d = c;"]), (Cat(A, B), D, ["a = d[3:0];", "b = d[7:4];"]),
    (Cat(S, A), B, ["tmp = b;", "s = tmp[0];", "a = tmp[4:1];"]),
    (D.word_select(S, 4), A, ["d[s * 3'd4 +: 4] = a;"]),
    (D.bit_select(T, 1), S, ["d[t] = s;"]),
    (A[1:3], C + 1, ["a[2:1] = c[1:0] + 2'd1;"])])
def test_assignments(target, value, want):
    assert text(put(target, value)) == want


def test_parts_that_may_lie_outside_are_cases():
    """Of four bits, two at 0 to 3: the last one has one bit inside."""
    assert text(put(A.bit_select(T, 2), B)) == [
        "case (t)", "2'd0: a[1:0] = b[1:0];", "2'd1: a[2:1] = b[1:0];", "2'd2: a[3:2] = b[1:0];",
        "2'd3: a[3] = b[0];", "default: ;", "endcase"]


def test_elements_of_arrays_are_cases():
    found = text(put(Value.cast(Array([A, B])[S]), 1))
    assert [row for row in found if "=" in row] == ["1'b0: a = 4'd1;", "1'b1: b = 4'd1;"]


def chosen(m):
    with m.If(S):
        m.d.comb += A.eq(1)
    with m.Elif(T):
        m.d.comb += A.eq(2)
    with m.Else():
        m.d.comb += A.eq(3)


def test_ifs():
    assert text(chosen) == ["if (s) begin", "a = 4'd1;", "end else if (|t) begin", "a = 4'd2;",
                            "end else begin", "a = 4'd3;", "end"]


def switched(*patterns, default=False):
    def say(m):
        with m.Switch(T):
            for k, one in enumerate(patterns):
                with m.Case(*one):
                    m.d.comb += A.eq(k)
            if default:
                with m.Default():
                    m.d.comb += A.eq(9)
    return say


def test_switches():
    assert text(switched(("00", "01"), ("10",), default=True)) == [
        "case (t)", "2'd0, 2'd1: a = 4'd0;", "2'd2: a = 4'd1;", "default: a = 4'd9;", "endcase"]
    assert text(switched(("1-",))) == ["casez (t)", "2'b1?: a = 4'd0;", "default: ;", "endcase"]


def test_what_follows_a_default_is_never_reached():
    def say(m):
        with m.Switch(T):
            with m.Default():
                m.d.comb += A.eq(1)
            with pytest.warns(Warning, match="will never be active"), m.Case(0):
                m.d.comb += A.eq(2)
    assert not any("4'd2" in row for row in text(say))


def test_a_signed_test_is_compared_by_its_bits():
    def say(m):
        with m.Switch(C + 1):
            with m.Case(3):
                m.d.comb += A.eq(1)
    printer, found = items(say)
    assert len(printer.hoisted) == 1 and isinstance(found[0], Branch)


def test_what_statements_read():
    _, (branch,) = items(lambda m: branching(m, D[0], put(A, Mux(S, B, 0))))
    assert branch.reads == {D.duid} and branch.bodies[0][0].reads == {S.duid, B.duid}


def branching(m, test, say):
    with m.If(test):
        say(m)


@pytest.mark.parametrize(("target", "value", "whole", "exact"), [
    (A, B, True, True), (A[1:], B[1:], False, True), (A, S, True, False), (A, B + B, True, False)])
def test_what_is_known_of_an_assignment(target, value, whole, exact):
    _, (one,) = items(put(target, value))
    assert isinstance(one, Set) and (one.whole, one.exact) == (whole, exact)

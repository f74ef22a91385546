"""The classes of Amaranth that its public interface leaves out are those of its expressions."""

import pytest
from amaranth import Cat, Module, Mux, Signal

from qhw.tools import hdl

A, B = Signal(4), Signal(4)


@pytest.mark.parametrize(("kind", "expression"), [
    (hdl.Operator, A + B), (hdl.Operator, ~A), (hdl.Concat, Cat(A, B)), (hdl.Slice, A[1:3]),
    (hdl.Part, A.bit_select(B, 2)), (hdl.SwitchValue, Mux(A, B, 0)), (hdl.Assign, A.eq(B))])
def test_expressions_and_assignments(kind, expression):
    assert isinstance(expression, kind)


def test_switches():
    m = Module()
    with m.If(A[0]):
        m.d.comb += B.eq(1)
    from amaranth.hdl import Fragment
    statement, = Fragment.get(m, None).statements["comb"]
    assert isinstance(statement, hdl.Switch)


@pytest.mark.parametrize("expression", [
    A + B, ~A, Cat(A, B), A[1:3], A.bit_select(B, 2), Mux(A, B, 0)])
def test_an_expression_of_other_operands(expression):
    others = [Signal(v.shape()) for v in hdl.operands(expression)]
    made = hdl.rebuilt(expression, others)
    assert all(a is b for a, b in zip(hdl.operands(made), others, strict=True))
    assert (type(made), made.shape()) == (type(expression), expression.shape())


def test_a_signal_has_no_operands():
    assert hdl.operands(A) == []
    with pytest.raises(TypeError, match="an expression of others"):
        hdl.rebuilt(A, [])


@pytest.mark.parametrize("twice", [
    lambda v: v + v, lambda v: Mux(v, v, v), lambda v: Cat(v[:3], v)[3:],
    lambda v: v.bit_select(A, 4) + v], ids=["sum", "choice", "slice", "part"])
def test_the_shape_of_an_expression_that_is_read_many_times(twice):
    """Computed at each use it would never end: each of 60 levels reads the one below twice."""
    value = A
    for _ in range(60):
        value = twice(value)
    assert len(value) in (4, 64)

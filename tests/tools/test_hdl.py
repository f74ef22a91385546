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

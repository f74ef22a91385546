"""Sums as nets of their own: which of them, and that they stay the same sums."""

from dataclasses import replace

import pytest
from amaranth.hdl import Const, Signal

from qhw.exact.num import Int
from qhw.pe import BitPlanes, Multiply
from qhw.pe.chains import chained
from qhw.pe.gates import adder_tree
from qhw.schemes import parse

from .sums import agree


def nets(value):
    found = []
    chained([value], lambda sum_: found.append(sum_) or Signal(sum_.shape()))
    return found


@pytest.mark.parametrize(("bits", "terms", "want"), [
    (4, 2, 0),      # the only sum is the value itself
    (4, 3, 1), (4, 8, 6),
    (1, 8, 0),      # operands of 1, 1 and 2 bits: all but the last sum are of fewer than 3
    (1, 16, 2), (2, 8, 2)])
def test_inner_sums_of_three_bits_and_more(bits, terms, want):
    assert len(nets(adder_tree(Signal(bits) for _ in range(terms)))) == want


def test_sums_behind_shifts_slices_and_multiplexers():
    a, b, c = (Signal(4) for _ in range(3))
    assert len(nets((a + b << 2) + (a - c)[1:] + Const(3))) == 3
    assert nets(~(a + b)) == []


def test_values_without_sums_are_walked_once():
    """Walked at each use it would never end: each of 60 levels reads the one below twice."""
    value = Signal(4)
    for _ in range(60):
        value = value ^ value
    assert nets(value) == []
    assert len(nets((value + Signal(4)) + value)) == 1


@pytest.mark.parametrize("element", [
    BitPlanes(4, "twos"), BitPlanes(2), Multiply(parse("fixed:bits=5").element().values),
    parse("ternary").element(), parse("shiftcnn").element()], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("x", [Int(0, 5), Int(-8, 7)], ids=str)
def test_in_gates(element, x):
    assert not element.chained
    agree(replace(element, chained=True), x, 6)

"""Registers inside expressions, by hand: where they stand, and how wide they are."""

import pytest
from amaranth.hdl import Cat, Const, Mux, Signal

from qhw.pe.gates import adder_tree
from qhw.pe.stages import cuts, depth, staged
from tests.pe.registers import Registers


def lanes(count, width=4):
    return [Signal(width, name=f"x{k}") for k in range(count)]


def test_the_depth_of_sums():
    a, b, c = lanes(3)
    assert depth([a]) == depth([a & b, Mux(a[0], b, c), a + 1]) == depth([]) == 0
    assert depth([-a]) == 1
    assert depth([adder_tree([a] * 8)]) == depth([sum([a] * 8)]) == 3 and depth([a + b + c]) == 2
    assert depth([a + b, (a - b) << 2, a * b]) == 2
    assert depth([(a * b + c).as_signed()]) == 3


@pytest.mark.parametrize(("depth", "stages", "at"), [
    (6, 0, []), (6, 1, [3]), (6, 2, [2, 4]), (5, 1, [3]), (1, 2, [1, 1]), (0, 1, [0])])
def test_a_sum_is_cut_into_equal_parts(depth, stages, at):
    assert cuts(depth, stages) == at


def test_a_register_holds_the_widest_sums_alone():
    """Two planes of four lanes: the register is behind both planes' sums, and a shift has none."""
    a, b = lanes(4), lanes(4)
    whole = adder_tree(a) + (adder_tree(b) << 1)
    kept = Registers()
    found, = staged([whole], [2], kept)
    assert kept.counts(found) == {1} and [len(r) for r in kept.made] == [6, 6]
    assert staged([whole], [], kept) == [whole]


def test_what_comes_late_waits():
    """An input that is added last, a constant, and bits of one sum read by two."""
    a, b, c = lanes(3)
    kept = Registers()
    inner = a + b
    found = staged([inner + c, Cat(inner[:2], Const(1, 2)), c + 1], [1, 1], kept)
    assert [kept.counts(y) for y in found] == [{2}] * 3
    assert sorted(len(r) for r in kept.made) == [4, 4, 5, 5, 5, 5]     # c, a + b, c + 1: each twice

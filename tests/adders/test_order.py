"""The order in which the terms of a sum are added, by hand."""


import numpy as np
import pytest

from qhw import adders
from qhw.adders.order import NONE, Nodes, Term, extend, settle, tabled
from qhw.exact.num import Int


def test_a_lut_of_six_inputs_counts_six_bits_or_two_of_five():
    known = {n: adders.compile(np.ones((1, n), int), [Int(0, 1)] * n, effort=0, family="xc7").cost
             for n in range(2, 7)}
    assert known == {2: 1, 3: 1, 4: 2, 5: 2, 6: 3}


@pytest.mark.parametrize(("bits", "support", "table", "luts"), [
    (3, 4, 4, 3), (3, 4, 6, 2), (4, 5, 6, 2), (5, 5, 6, 3), (3, 6, 6, 3), (1, 2, 6, 1)])
def test_luts_of_a_table(bits, support, table, luts):
    """Of six inputs, one with two outputs takes five."""
    assert tabled(bits, support, table) == luts


def nodes(*intervals):
    """Inputs of these intervals, and room for three more."""
    size = len(intervals) + 3
    lo, hi = (np.array([*(v[k] for v in intervals), 0, 0, 0]) for k in (0, 1))
    return Nodes(np.full((size, 4), NONE, np.int64), lo, hi, np.zeros(size, np.int64),
                 np.array([*(int(h).bit_length() for h in hi[:-3]), 0, 0, 0]),
                 np.zeros((size, 2), np.bool_), np.full(size, NONE, np.int64))


@pytest.mark.parametrize(("a", "b", "operands", "ends", "term"), [
    ((0, 0, 0), (1, 2, 0), [0, 1, 2, 0], (0, 15 + 12), (2, 0, 0)),
    ((1, 2, 0), (0, 0, 0), [0, 1, 2, 0], (0, 27), (2, 0, 0)),       # the lower one first
    ((0, 3, 0), (1, 3, 1), [0, 1, 0, 1], (-3, 15), (2, 3, 0)),      # (x0 - x1) << 3
    ((0, 1, 1), (1, 2, 0), [0, 1, 1, 1], (-6, 15), (2, 1, 1)),      # -(x0 - 2 x1) << 1
    ((0, 0, 1), (1, 0, 1), [0, 1, 0, 0], (0, 18), (2, 0, 1))])
def test_two_terms_become_a_node(a, b, operands, ends, term):
    """Of 0..15 and 0..3; the sum takes the lower operand's shift and sign."""
    made = nodes((0, 15), (0, 3))
    assert tuple(extend(made, 4, 2, Term(*a), Term(*b))) == term
    assert made.operands[2].tolist() == operands
    assert (made.lo[2], made.hi[2]) == ends
    assert (made.depth[2], made.support[2]) == (1, 5)       # one more than a table has


@pytest.mark.parametrize(("ready", "sign", "inverters", "turned"), [
    ([[1, 0], [1, 0]], 0, 0, 0), ([[1, 0], [1, 0]], 1, 2, 0), ([[1, 0], [0, 1]], 1, 0, 0),
    ([[0, 0], [0, 0]], 0, 0, 0), ([[0, 1], [1, 0]], 1, 0, 1),
    ([[0, 1], [0, 1]], 0, 0, 1), ([[0, 0], [1, 0]], 1, 0, 1)])
def test_polarities(ready, sign, inverters, turned):
    """Of four bits and of two, of which one is to be complemented in a difference."""
    made = nodes((0, 15), (0, 3))
    made.ready[:2] = np.array(ready, bool)
    assert settle(made.ready, made.lo, made.hi, Term(0, 0, 0), Term(1, 0, sign)) == (
        inverters, turned)
    assert made.ready[0, turned] and made.ready[1, turned ^ sign]

"""Step functions of other tools: codes by hand, and cuts that count the same."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.num import Int, Rounding
from qhw.graph import Tensor
from qhw.layers import MultiThreshold, ShiftRound, Truncate
from tests.layers.stored import counted

F = Fraction


def test_thresholds_that_are_reached_are_counted():
    """FINN's: at a threshold it counts; rows in any order."""
    op = MultiThreshold(np.array([[0., 2, 1], [-1, -1, np.inf]]), F(1, 2), F(1))
    x = np.array([[-1., -2], [0, -1], [1, 5], [2, 5]])
    assert op.evaluate(x).tolist() == [[0, 0], [1, 2], [2, 2], [3, 2]]
    assert op.format == Tensor((), Int(0, 3), F(1, 2), F(1))
    assert [counted(op, x[:, c].astype(int), c) for c in (0, 1)] == [[0, 1, 2, 3], [0, 2, 2, 2]]


def test_one_row_of_thresholds_is_for_all_channels():
    op = MultiThreshold(np.array([[0., 2]]))
    assert op.evaluate(np.array([[0., -1, 2]])).tolist() == [[1, 0, 2]]
    assert counted(op, [-1, 0, 2], channel=7) == [0, 1, 2] and op.format.scale == 1


ROUNDED = {     # of n / 4 for n = -6 .. 6, each by hand
    Rounding.FLOOR: [-2, -2, -1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1],
    Rounding.CEIL: [-1, -1, -1, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2],
    Rounding.ZERO: [-1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1],
    Rounding.HALF_EVEN: [-2, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1, 2],
    Rounding.HALF_UP: [-1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1, 1, 2]}


@pytest.mark.parametrize("rounding", ROUNDED)
def test_truncation_drops_bits(rounding):
    op = Truncate(Int(-2, 1), F(1, 2), F(1), 2, F(3), F(4), rounding)
    x = (np.arange(-6, 7) - 1) / 2                  # n = 2 x + 1
    want = [min(n, 1) for n in ROUNDED[rounding]]
    assert op.evaluate(x).tolist() == want
    assert [-2 + n for n in counted(op, x)] == want
    assert op.format == Tensor((), Int(-2, 1), F(3), F(4))


@pytest.mark.parametrize("rounding", [{}, {"rounding": Rounding.CEIL}], ids=["floor", "ceil"])
def test_truncation_rounds_to_codes_first_half_to_even(rounding):
    """All lie between codes: -2, 0, 0, 2, 2, 4, which lose one bit."""
    op = Truncate(Int(-8, 7), F(1, 2), F(0), 1, F(1), **rounding)
    x = [-.75, -.25, .25, .75, 1.25, 1.75]
    assert op.evaluate(np.array(x)).tolist() == [-1, 0, 0, 1, 1, 2]
    assert [-8 + n for n in counted(op, x)] == [-1, 0, 0, 1, 1, 2]


def test_requantizing_shifts_by_hand():
    """3 x - 2 and 5 x of 8 parts: halves go up, and beyond the codes it is clipped."""
    op = ShiftRound(np.array([3, -5]), np.array([-2, 0]), 8, Int(-2, 2), F(1, 4))
    x = [-9, -4, -2, -1, 0, 2, 6, 9]
    want = [[-2, -2, -1, -1, 0, 1, 2, 2], [2, 2, 1, 1, 0, -1, -2, -2]]
    assert op.evaluate(np.array([x, x], float).T).T.tolist() == want
    assert [[-2 + n for n in counted(op, x, c)] for c in (0, 1)] == want
    assert op.format == Tensor((), Int(-2, 2), F(1, 4))


def test_one_multiplier_is_for_all_channels():
    op = ShiftRound(np.array([1]), np.array([1]), 2, Int(0, 3))
    assert op.evaluate(np.array([[0., 1, 4]])).tolist() == [[1, 1, 3]]
    assert counted(op, [0, 1, 4], channel=3) == [1, 1, 3]
    assert op.format.scale == 1

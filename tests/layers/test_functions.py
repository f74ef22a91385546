"""Functions of one element: values and pulled cuts by hand, at their corners."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.cut import Cut
from qhw.exact.num import Rounding
from qhw.graph import Tensor
from qhw.layers import Clamp, Divide, Function, LeakyRelu, Round

F = Fraction


def pulled(op, t, values, channel=0, strict=False):
    """Whether each input reaches ``t`` behind the function."""
    cut = op.pull(Cut(F(t), strict), channel)
    return [cut.holds(F(v)) for v in values]


def test_leaky_relu_by_hand():
    op, x = LeakyRelu((F(1, 4), F(2))), np.array([[-4., -4], [0, 0], [.5, 3]])
    assert op.evaluate(x).tolist() == [[-1, -8], [0, 0], [.5, 3]]
    assert LeakyRelu((F(1, 2),)).evaluate(np.array([[-4., 6]])).tolist() == [[-2, 6]]


def test_cuts_through_leaky_relu():
    """A quarter below zero: -1 is reached from -4 on, and 2 from 2 on; other channels by theirs."""
    op = LeakyRelu((F(1, 4), F(2)))
    assert pulled(op, -1, [-5, -4, -3, 0]) == [False, True, True, True]
    assert pulled(op, -1, [-5, -4, -3, 0], strict=True) == [False, False, True, True]
    assert pulled(op, 2, [-9, 1, 2]) == [False, False, True]
    assert pulled(op, -4, [-3, -2], channel=1) == [False, True]
    assert pulled(LeakyRelu((F(2),)), -4, [-3, -2], channel=5) == [False, True]


def test_a_slope_of_zero_is_a_relu():
    op = LeakyRelu((F(0),))
    assert op.evaluate(np.array([[-4., 6]])).tolist() == [[0, 6]]
    assert pulled(op, 0, [-9]) == [True] and pulled(op, 1, [0, 1]) == [False, True]


@pytest.mark.parametrize(("lo", "hi", "want"), [
    (None, None, [-9, -2, 0, 5, 6]), (F(-2), None, [-2, -2, 0, 5, 6]),
    (None, F(5), [-9, -2, 0, 5, 5]), (F(-2), F(5), [-2, -2, 0, 5, 5]), (F(0), F(0), [0] * 5)])
def test_clamps_and_their_cuts(lo, hi, want):
    op, x = Clamp(lo, hi), [-9, -2, 0, 5, 6]
    assert op.evaluate(np.array([x], float)).tolist() == [want]
    for t in (-9, -2, -1, 0, 5, 6):
        for strict in (False, True):
            assert pulled(op, t, x, strict=strict) == [v > t if strict else v >= t for v in want]


def test_division_rounds_towards_zero_as_c_does():
    x = [-7, -6, -3, -2, -1, 0, 1, 2, 3, 6, 7]
    want = [-2, -2, -1, 0, 0, 0, 0, 0, 1, 2, 2]
    assert Divide(3).evaluate(np.array([x], float)).tolist() == [want]
    for k in (-2, -1, 0, 1, 2):
        assert pulled(Divide(3), k, x) == [v >= k for v in want]


@pytest.mark.parametrize(("rounding", "want"), [
    (Rounding.FLOOR, [-2, -2, -1, 0, 0, 1]), (Rounding.CEIL, [-1, -1, 0, 0, 1, 2]),
    (Rounding.HALF_EVEN, [-2, -1, 0, 0, 0, 2]), (Rounding.HALF_AWAY, [-2, -1, -1, 0, 1, 2])])
def test_rounding_and_its_cuts(rounding, want):
    x = [F(-7, 4), F(-5, 4), F(-1, 2), F(0), F(1, 2), F(3, 2)]
    op = Round(rounding)
    assert op.evaluate(np.array([x], float)).tolist() == [want]
    for t in (F(-2), F(-3, 2), F(-1), F(0), F(1, 2), F(1), F(2)):
        for strict in (False, True):
            assert pulled(op, t, x, strict=strict) == [v > t if strict else v >= t for v in want]


def test_functions_beyond_floats_are_infinite():
    op = Function("exp", np.exp)
    assert op.evaluate(np.array([[0., 1e4]])).tolist() == [[1, np.inf]]
    assert op.infer(Tensor((2, 3))) == Tensor((2, 3))


def test_which_are_alike_for_all_channels():
    assert Clamp.alike and Divide.alike and Round.alike
    assert not LeakyRelu.alike and not Function.alike

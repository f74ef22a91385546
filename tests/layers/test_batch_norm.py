"""Normalization with statistics of each channel, by hand."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.cut import Cut
from qhw.graph import Tensor
from qhw.layers import BatchNorm, ShiftNorm
from tests.layers.stored import made

F = Fraction


@pytest.mark.parametrize("layer", [BatchNorm(*[np.ones(2)] * 4, 0.0), ShiftNorm(*[np.ones(2)] * 4)],
                         ids=lambda layer: layer.kind)
def test_parameters_are_for_the_channels_of_the_input(layer):
    assert layer.infer(Tensor((5, 2))) == Tensor((5, 2))
    with pytest.raises(ModelError, match="parameters are for 2 channels, and its input has 3"):
        layer.infer(Tensor((2, 3)))


OP = BatchNorm(np.array([2., -1]), np.array([1., 0]), np.array([3., 5]), np.array([8., 0]), 1.0)


def test_by_hand():
    """2 (x - 3) / 3 + 1 and 5 - x: the roots of 8 + 1 and of 0 + 1."""
    assert np.allclose(OP.evaluate(np.array([[6., 7], [-3, 0]])), [[3, -2], [-3, 5]], rtol=1e-15)


@pytest.mark.parametrize("strict", [False, True])
def test_cuts_by_hand(strict):
    """At least 3 from 6 on; at least -2 up to 7, at the ends if not strict."""
    up, down = OP.pull(Cut(F(3), strict), 0), OP.pull(Cut(F(-2), strict), 1)
    assert [up.holds(F(v)) for v in (5, 6, 7)] == [False, not strict, True]
    assert [down.holds(F(v)) for v in (6, 7, 8)] == [True, not strict, False]


def table(variance, **options):
    return made("batch_norm", {"gamma": [1, 2], "beta": [3, 4], "mean": [5, 6],
                               "variance": variance}, **options)


def test_a_table():
    op = table([7, 8])
    assert [p.tolist() for p in (op.gamma, op.beta, op.mean, op.variance)] == [
        [1, 2], [3, 4], [5, 6], [7, 8]] and op.epsilon == 1e-5
    assert table([7, 8], epsilon=0.5).epsilon == 0.5


@pytest.mark.parametrize(("variance", "options"), [([1, 0], {"epsilon": 0}), ([-1, 1], {})])
def test_variances_are_positive(variance, options):
    with pytest.raises(ModelError, match=rf"l\.variance must be positive, not {min(variance)}"):
        table(variance, **options)


def test_no_variance_is_one_with_an_epsilon():
    assert table([0, 0]).variance.tolist() == [0, 0]

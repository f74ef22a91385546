"""Ternary activations at their thresholds."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node, Tensor
from qhw.layers import Dense, Input
from qhw.layers.levels import Ternarize
from qhw.lower import lower
from qhw.schemes import Codes
from qhw.schemes.fixed import Fixed
from qhw.simulators.golden import evaluate, golden


@pytest.mark.parametrize(("low", "high"), [(-2.0, 2.0), (0.0, 1.0), (-3.0, -1.0), (-.5, .5)])
def test_what_is_at_a_threshold_is_zero(low, high):
    """One above, minus one below, both strictly."""
    op = Ternarize(np.array([high]), np.array([low]), Fraction(1))
    nodes = (Node("x", Input((1,), Int(-5, 5))),
             Node("d", Dense(Fixed(2), Codes(np.array([[1]]), np.ones(1)), None), ("x",)),
             Node("t", op, ("d",)))
    graph = Graph("ternary", nodes).check()
    x = np.arange(-5, 6)[:, None]
    wanted = [[int(v > high) - int(v < low)] for v in range(-5, 6)]
    assert evaluate(graph, x)["t"].tolist() == wanted
    assert golden(lower(graph), x)["t"].tolist() == wanted


@pytest.mark.parametrize(("high", "low", "message"), [
    ([1., 1., 1.], [0.] * 3, "its thresholds are for 3 channels, and its input has 5"),
    ([1.] * 5, [0.] * 4, "its thresholds are for 4 channels, and its input has 5"),
    ([], [], "its thresholds are for 0 channels, and its input has 5"),
])
def test_thresholds_of_other_channels_are_refused(high, low, message):
    with pytest.raises(ModelError, match=message):
        Ternarize(np.array(high), np.array(low)).infer(Tensor((2, 2, 5)))


@pytest.mark.parametrize(("high", "low"), [([1.], [0.]), ([1.] * 5, [0.]), ([1.] * 5, [0.] * 5)])
def test_thresholds_are_one_a_channel_or_one_for_all(high, low):
    assert Ternarize(np.array(high), np.array(low)).infer(Tensor((2, 2, 5))).shape == (2, 2, 5)

"""Ternary activations at their thresholds."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Graph, Node
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

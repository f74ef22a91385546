"""Branches of integers come to one scale before they meet, by hand."""

from fractions import Fraction

import numpy as np

from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Add, Input, Join, Quantize
from qhw.lower import lower
from qhw.ops import Concat, Sum
from qhw.simulators.golden import evaluate, golden

INPUT = Input((2,), Int(-4, 3), Fraction(1, 2))
X = np.array([[-4, 3], [0, 1], [2, -1]])


def network(op, *more):
    """Levels of 1/2 and of 1/3 that meet, quantized in sixths."""
    return Graph("join", (
        Node("x", INPUT), Node("a", Quantize(Int(-4, 3), Fraction(1, 2)), ("x",)),
        Node("b", Quantize(Int(-8, 7), Fraction(1, 3)), ("x",)), Node("both", op, ("a", "b")),
        Node("y", Quantize(Int(-64, 63), Fraction(1, 6)), ("both",)))).check()


def test_a_sum_in_units_of_the_common_step():
    """A half and a third are three and two sixths."""
    graph = lower(network(Add()))
    op = graph.by_name["both"].op
    assert isinstance(op, Sum) and (op.a.tolist(), op.b.tolist()) == ([3, 3], [2, 2])
    assert np.array_equal(golden(graph, X)["y"], evaluate(network(Add()), X)["y"])


def test_channels_of_one_scale():
    graph = lower(network(Join()))
    assert any(isinstance(n.op, Concat) for n in graph.nodes)
    assert np.array_equal(golden(graph, X)["y"], evaluate(network(Join()), X)["y"])

"""Equalization: factors by hand, and real outputs that stay equal."""

import numpy as np
import pytest

from qhw.exact.window import Window
from qhw.layers import Add, Flatten, Linear, Relu, Reshape
from qhw.layers.pool import AveragePool, MaxPool
from qhw.quantization.equalize import equalized
from qhw.quantization.norms import folded
from qhw.simulators.golden import evaluate
from tests.quantization.nets import HALVES, Net, residual, samples


def test_two_layers_by_hand():
    """Ranges 8 and 2 of the first channel become 4, those of the second are equal already."""
    net = Net(2).add("a", Linear(np.array([[8.0, -4], [1, 3]]), np.array([2.0, 1]))).add(
        "r", Relu()).add("b", Linear(np.array([[2.0, 3], [-1, 1]]), None))
    made = equalized(net.graph).by_name
    assert made["a"].op.weight == pytest.approx(np.array([[4, -2], [1, 3]]))
    assert made["a"].op.bias == pytest.approx(np.array([1, 1]))
    assert made["b"].op.weight == pytest.approx(np.array([[4, 3], [-2, 1]]))


def ranges(graph, first, second, channels):
    """The largest weights of each channel in both layers."""
    one, two = (np.abs(graph.by_name[n].op.weight) for n in (first, second))
    return one.max(1), [two[channels == c].max() for c in range(len(one))]


@pytest.mark.parametrize("pool", [MaxPool(HALVES), AveragePool(HALVES)])
def test_channels_are_followed_through_pools_and_moves(pool):
    net = Net(4, 4, 2).conv("a", 2, 3).relu("r").add("p", pool).add("f", Flatten())
    graph, x = net.dense("b", 12, 5).graph, samples(20, (4, 4, 2))
    made = equalized(graph)
    assert evaluate(made, x)["b"] == pytest.approx(evaluate(graph, x)["b"], abs=1e-6)
    one, two = ranges(made, "a", "b", np.tile([0, 1, 2], (5, 4)))
    assert one == pytest.approx(two)
    one, two = ranges(graph, "a", "b", np.tile([0, 1, 2], (5, 4)))
    assert one != pytest.approx(two)


def test_depthwise_layers():
    net = Net(4, 4, 2).conv("a", 2, 3).relu("r").conv("dw", 3, 6, groups=3).relu("s")
    graph, x = net.conv("c", 6, 2).graph, samples(20, (4, 4, 2))
    made = equalized(graph)
    assert evaluate(made, x)["c"] == pytest.approx(evaluate(graph, x)["c"], abs=1e-6)
    one, two = ranges(made, "a", "dw", np.repeat([0, 0, 1, 1, 2, 2], 9).reshape(6, 9))
    assert one == pytest.approx(two, rel=1e-2)
    one, two = ranges(made, "dw", "c", np.tile(np.arange(6), (2, 9)))
    assert one == pytest.approx(two, rel=1e-2)


def test_a_whole_network():
    """A sum is read by two layers and is left; outputs are those of the network with norms."""
    graph, x = residual(), samples()
    made = equalized(folded(graph))
    assert evaluate(made, x)["fc"] == pytest.approx(evaluate(graph, x)["fc"], abs=1e-6)
    assert (made.by_name["c2"].op.weight != folded(graph).by_name["c2"].op.weight).any()


def test_what_no_factor_passes_through_is_left():
    net = Net(3).dense("a", 3, 3).dense("b", 3, 3).add("s", Add(), "a", "b").norm("n", 3)
    graph = net.dense("c", 3, 3).graph
    made = equalized(graph)
    assert all(made.by_name[n].op is graph.by_name[n].op for n in "abc")


def test_empty_channels_keep_their_weights():
    a, b = np.array([[0.0, 0], [2, 8]]), np.array([[3.0, 0]])
    net = Net(2).add("a", Linear(a)).add("b", Linear(b))
    made = equalized(net.graph).by_name
    assert (made["a"].op.weight == a).all() and (made["b"].op.weight == b).all()


def test_a_kernel_that_mixes_channels_is_left():
    """A move after which rows of four begin with other channels of three."""
    net = Net(4, 4, 1).conv("a", 1, 3).add("turn", Reshape((4, 3, 4)))
    graph = net.conv("b", 4, 2).graph
    assert equalized(graph).by_name["a"].op is graph.by_name["a"].op
    net.nodes.pop()
    net.add("p", MaxPool(Window((2, 2)))).add("f", Flatten())
    graph = net.dense("c", 24, 2).graph
    assert equalized(graph).by_name["a"].op is graph.by_name["a"].op

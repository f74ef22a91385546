"""Batch norms in weights: by hand, and equal outputs."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.layers import Add, Affine, BatchNorm, Linear
from qhw.quantization.norms import folded, scaled
from qhw.simulators.golden import evaluate
from tests.quantization.nets import Net, residual, samples


def test_a_norm_by_hand():
    """2 (3 x + 1 - 5) / 4 + 7 = 1.5 x + 5, then times -2 and plus 1."""
    norm = BatchNorm(*(np.array([v]) for v in (2.0, 7.0, 5.0, 15.0)), 1.0)
    net = Net(1).add("a", Linear(np.array([[3.0]]), np.array([1.0]))).add("n", norm)
    net.add("line", Affine((Fraction(-2),), (Fraction(1),)))
    node, = folded(net.graph).nodes[1:]
    assert (node.name, node.op.weight.tolist(), node.op.bias.tolist()) == ("a", [[-3]], [-9])


def test_the_outputs_stay():
    graph, x = residual(), samples()
    made = folded(graph)
    assert {n.op.kind for n in graph.nodes} - {n.op.kind for n in made.nodes} == {"batch_norm"}
    assert evaluate(made, x)["fc"] == pytest.approx(evaluate(graph, x)["fc"], abs=1e-9)


def test_a_layer_that_others_read_too_keeps_its_norm():
    net = Net(4, 4, 1).conv("a", 1, 4).norm("n", 4)
    both = net.add("sum", Add(), "a", "n").graph
    assert folded(both) is both


def test_factors_scale_outputs():
    op = Linear(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 1.0]))
    made = scaled(op, np.array([2.0, -1.0]))
    assert made.weight.tolist() == [[2, 4], [-3, -4]] and made.bias.tolist() == [2, -1]

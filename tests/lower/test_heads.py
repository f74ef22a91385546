"""Several outputs in one stream of integers."""

from fractions import Fraction

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Add, ArgMax, Input, Quantize, Relu, Sign, Softmax
from qhw.layers.heads import Heads
from qhw.lower import lower
from qhw.simulators.golden import evaluate, golden, host

from .chains import two

F = Fraction
W = np.array([[1, 1], [1, 0], [3, 1], [0, 1]])
X = np.array([[-8, 3], [-1, 7], [5, -6], [0, 0]])
FIRST = (Node("x", Input((2,), Int(-8, 7), F(1, 2), F(1))),
         Node("fc", two(W, np.array([.5, .25, 1, 2]), np.array([.1, 0, -1, .25])), ("x",)))
ENDS = {"codes": Node("a", Quantize(Int(-8, 7), F(1, 3)), ("fc",)),
        "signs": Node("a", Sign(), ("fc",)), "relu": Node("a", Relu(), ("fc",)),
        "softmax": Node("a", Softmax(), ("fc",)), "input": Node("a", Relu(), ("x",))}


@pytest.mark.parametrize("end", ENDS)
def test_each_head_has_its_scale_and_layers(end):
    graph = Graph("heads", (*FIRST, ENDS[end], Node("b", two(W[:2] + 0, np.array(1.)), ("x",)),
                            Node("y", Heads(), ("a", "b", "fc")))).check()
    lowered = lower(graph)
    codes = golden(lowered, X)[lowered.hardware.output.name]
    assert np.allclose(host(lowered, codes), evaluate(graph, X)["y"], rtol=1e-12, atol=1e-12)
    assert qhw.simulate(graph, X, engine="amaranth", trace=True).matches == len(X)


def test_a_layer_that_two_heads_read_is_sent_once():
    graph = Graph("heads", (*FIRST, Node("a", Relu(), ("fc",)), Node("b", Softmax(), ("fc",)),
                            Node("y", Heads(), ("a", "b", "a")))).check()
    lowered = lower(graph)
    assert lowered.answer.size == 4 and lowered.tensors["y"].size == 12
    assert "concat" not in {n.op.kind for n in lowered.nodes}


@pytest.mark.parametrize("bias", [None, np.array([.1, 0, -1, .25])])
def test_a_class_beside_its_scores(bias):
    """Whose sums stay as they are, without the biases that are compared."""
    scores = Node("fc", two(W, np.array(.5), bias), ("x",))
    graph = Graph("heads", (FIRST[0], scores, Node("c", ArgMax(), ("fc",)),
                            Node("y", Heads(), ("c", "fc")))).check()
    lowered = lower(graph)
    codes = golden(lowered, X)[lowered.hardware.output.name]
    assert np.allclose(host(lowered, codes), evaluate(graph, X)["y"], rtol=1e-12, atol=1e-12)


def test_a_head_of_two_real_branches_is_refused():
    graph = Graph("heads", (*FIRST, Node("a", Relu(), ("fc",)), Node("b", Softmax(), ("fc",)),
                            Node("s", Add(), ("a", "b")), Node("y", Heads(), ("s", "a")))).check()
    with pytest.raises(ModelError, match="'s'"):
        lower(graph)

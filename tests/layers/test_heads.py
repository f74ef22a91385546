"""Several outputs in one vector, by hand."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Graph, Node, Tensor
from qhw.layers import Affine, ArgMax, Input, Relu, Softmax
from qhw.layers.heads import Branch, Branches, Heads, labelled
from qhw.lower import lower


def test_all_of_one_then_all_of_the_next():
    a, b = np.array([[[1., 2], [3, 4]]]), np.array([[5.]])
    assert Heads().evaluate(a, b).tolist() == [[1, 2, 3, 4, 5]]
    assert Heads().infer(Tensor((2, 2)), Tensor((1,))) == Tensor((5,))


def test_branches_are_computed_apart():
    """Half of the first two numbers; the other two without those below 0, and as shares."""
    half = Affine((Fraction(1, 2),), (Fraction(1),))
    op = Branches([Branch("b", 0, (2, 1), [half]), Branch("b", 2, (2,), [Relu()]),
                   Branch("b", 2, (2,), [Relu(), Softmax()])])
    x = np.array([[4., -6, 0, -1]])
    assert op.evaluate(x).tolist() == [[3, -2, 0, 0, .5, .5]]
    assert op.infer(Tensor((4,))) == Tensor((6,))


@pytest.mark.parametrize(("outputs", "part"), [
    (("max",), slice(None)), (("max", "input"), slice(0, 1)), (("input", "max"), slice(3, 4)),
    (("input", "twice"), None), (("max", "least"), None)])
def test_labels_are_about_the_class(outputs, part):
    """Of several outputs, a label is about the one of one element, before and after lowering."""
    ends = [Node("outputs", Heads(), outputs)] if len(outputs) > 1 else []
    graph = Graph("net", (Node("input", Input((3,), Int(0, 15))), Node("max", ArgMax(), ("input",)),
                          Node("least", ArgMax(last=True), ("input",)),
                          Node("twice", Affine((Fraction(2),) * 3, (Fraction(0),) * 3), ("input",)),
                          *ends))
    graph = graph.replaced(n for n in graph.nodes if ends or n.name in ("input", "max")).check()
    assert labelled(graph) == part
    assert labelled(lower(graph)) == part

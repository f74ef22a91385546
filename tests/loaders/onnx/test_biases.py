"""What is added behind a float layer becomes its bias, if nothing else reads the layer."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.graph import Graph, Node
from qhw.layers import Add, Affine, Input, Linear, Relu
from qhw.loaders.onnx.biases import biases
from qhw.simulators.golden import evaluate

X = np.array([[1., -2], [.5, 3]])


def affine(*offset, slope=1):
    return Affine((Fraction(slope),) * len(offset), tuple(map(Fraction, offset)))


def graph(*nodes):
    layer = Linear(np.array([[1., 2], [3, -1]]), np.array([.5, 0]))
    return Graph("net", (Node("x", Input((2,), None)), Node("fc", layer, ("x",)), *nodes)).check()


CASES = {
    "one": ((Node("sum", affine(1, -2), ("fc",)), Node("act", Relu(), ("sum",))),
            ["x", "fc", "act"]),
    "two, at the end": ((Node("a", affine(1, -2), ("fc",)), Node("b", affine(3, 4), ("a",))),
                        ["x", "fc"]),
    "a slope": ((Node("a", affine(1, -2, slope=2), ("fc",)),), ["x", "fc", "a"]),
    "another reader": ((Node("a", affine(1, -2), ("fc",)), Node("y", Add(), ("a", "fc"))),
                       ["x", "fc", "a", "y"]),
    "another reader of the first sum": (
        (Node("a", affine(1, -2), ("fc",)), Node("b", affine(3, 4), ("a",)),
         Node("y", Add(), ("a", "b"))), ["x", "fc", "b", "y"]),
    "another layer": ((Node("r", Relu(), ("fc",)), Node("a", affine(1, -2), ("r",))),
                      ["x", "fc", "r", "a"])}


@pytest.mark.parametrize(("nodes", "left"), CASES.values(), ids=CASES)
def test_the_numbers_stay(nodes, left):
    before = graph(*nodes)
    after = biases(before).check()
    assert [n.name for n in after.nodes] == left
    assert np.array_equal(evaluate(after, X)[after.output.name],
                          evaluate(before, X)[before.output.name])

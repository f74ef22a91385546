"""Which of several largest elements wins."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Graph, Node, Tensor
from qhw.layers import ArgMax, Input
from qhw.lower import lower
from tests.layers.stored import made


@pytest.mark.parametrize(("last", "want"), [(False, [1, 0, 0, 3]), (True, [2, 3, 1, 3])])
def test_ties(last, want):
    """By hand, of real scores and of integers."""
    x = np.array([[0, 3, 3, 1], [2, 2, 2, 2], [5, 5, -1, 0], [0, 1, 2, 3]])
    op = ArgMax(last)
    assert op.evaluate(x.astype(float))[:, 0].tolist() == want
    graph = Graph("g", (Node("x", Input((4,), Int(-8, 7))), Node("y", op, ("x",))))
    assert lower(graph).output.op.evaluate(x)[:, 0].tolist() == want


def test_each_pixel_has_a_largest():
    """Of two rows of one pixel with three channels."""
    x = np.array([[[[1, 7, 7]], [[4, 0, -2]]]])
    assert ArgMax().evaluate(x).tolist() == [[[[1]], [[0]]]]
    assert ArgMax(last=True).evaluate(x).tolist() == [[[[2]], [[0]]]]
    assert ArgMax().infer(Tensor((2, 1, 3))) == Tensor((2, 1, 1), Int(0, 2))


@pytest.mark.parametrize("shape", [(1,), (2, 1)])
def test_two_classes_at_least_have_a_largest(shape):
    assert ArgMax().infer(Tensor((5,))) == Tensor((1,), Int(0, 4))
    with pytest.raises(ValueError, match="Argmax needs at least 2 classes"):
        ArgMax().infer(Tensor(shape))


def test_a_table_means_the_first():
    assert made("argmax") == ArgMax(last=False)

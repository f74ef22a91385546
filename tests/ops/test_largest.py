"""Which of several integers is the largest; its gates are in hw/units/test_argmax."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import Largest

X = np.array([[3, 5, 5, 1], [2, 2, 2, 2], [-1, -9, -1, -1]])


@pytest.mark.parametrize(("rank", "want"), [
    ([0, 0, 0, 0], [1, 0, 0]), ([0, 0, 1, 0], [2, 2, 2]), ([0, 1, 1, 2], [1, 3, 3])])
def test_among_equals_the_higher_rank_then_the_first(rank, want):
    assert Largest(np.array(rank)).evaluate(X)[:, 0].tolist() == want


@pytest.mark.parametrize("kind", [np.int64, np.float64])
@pytest.mark.parametrize("size", [1 << 40, 1 << 61])
def test_large_integers_have_ranks_too(size, kind):
    """Of a thousand channels, whose ranks need ten bits more."""
    x = np.array([[-size, size, 0, size, *[0] * 996], [-size, -size, -size, *[-size] * 997]], kind)
    op = Largest(np.arange(1000)[::-1] // 2)
    assert op.evaluate(x)[:, 0].tolist() == [1, 0]
    assert Largest(np.arange(1000)).evaluate(x)[:, 0].tolist() == [3, 999]


def test_one_index_after_each_pixels_last_beat():
    x, op = Tensor((2, 4), Int(-9, 5)), Largest(np.array([0, 1, 0, 0]), 2)
    assert op.evaluate(np.array([[[3, 3, 1, 0], [0, 0, 5, 5]]])).tolist() == [[[1], [2]]]
    assert (op.infer(x), op.interval(x)) == (Tensor((2, 1), Int(0, 3)), 4)
    assert op.schedule(np.array([3, 7, 8, 12]), x).tolist() == [8, 13]


def test_one_index_after_the_last_beat():
    x, op = Tensor((4,), Int(-9, 5)), Largest(np.zeros(4, int), 2)
    assert (op.infer(x), op.o_lanes, op.interval(x)) == (Tensor((1,), Int(0, 3)), 1, 2)
    assert op.schedule(np.array([3, 7]), x).tolist() == [8]

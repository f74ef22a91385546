"""The weighted sum of two streams, by hand; the gates are in hw/units/test_join."""

import numpy as np

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import Sum

OP = Sum(np.array([1, 2]), np.array([3, -1]))
A, B = Tensor((4, 2), Int(-1, 2)), Tensor((4, 2), Int(0, 5))


def test_by_hand():
    """2 + 3 * 1 and 2 * 5 - 4; the channels reach -1 to 17 and -7 to 4."""
    assert OP.evaluate(np.array([[[2, 5]]]), np.array([[[1, 4]]])).tolist() == [[[5, 6]]]
    assert OP.infer(A, B) == Tensor((4, 2), Int(-7, 17))


def test_a_beat_leaves_when_both_are_there():
    times = np.array([0, 1, 9]), np.array([4, 4, 4])
    assert OP.schedule(times, A, B).tolist() == [5, 6, 10]
    assert OP.taken(times, 0, A, B).tolist() == [4, 5, 9]


def test_as_few_lanes_as_keep_up():
    assert [OP.widened(2, cycles, A, B).pe for cycles in (8, 4)] == [1, 2]

"""The product of two streams, by hand; the gates are in hw/units/test_multiply."""

import numpy as np

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops.multiply import Multiply

OP = Multiply((1, -2))
A, B = Tensor((4, 2), Int(-1, 2)), Tensor((4, 2), Int(0, 5))


def test_by_hand():
    """The factors 1 and 4, and 3 and 6; they reach from -2 to 1 and from 2 to 7."""
    assert OP.evaluate(np.array([[2, 5]]), np.array([[1, 4]])).tolist() == [[3, 24]]
    assert OP.infer(A, B) == Tensor((4, 2), Int(-14, 7))


def test_a_beat_leaves_when_both_are_there():
    times = np.array([0, 1, 9]), np.array([4, 4, 4])
    assert OP.schedule(times, A, B).tolist() == [5, 6, 10]
    assert OP.taken(times, 0, A, B).tolist() == [4, 5, 9]


def test_as_few_lanes_as_keep_up_and_the_bits_of_products():
    assert [OP.widened(2, cycles, A, B).pe for cycles in (8, 4)] == [1, 2]
    assert OP.operations(A, B).multiplied == 8 * 2 * 3

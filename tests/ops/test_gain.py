"""Each channel times its integer, by hand and in gates."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import Gain

from .gates import agree, drawn

OP, X = Gain(np.array([3, -2]), np.array([1, 0]), Fraction(1, 4)), Tensor((3, 2), Int(-1, 2))


def test_by_hand():
    """3 * 2 + 1 and -2 * 5; all factors times all inputs are -4 to 6."""
    assert OP.evaluate(np.array([[[2, 5]]])).tolist() == [[[7, -10]]]
    assert OP.infer(X) == Tensor((3, 2), Int(-4, 7), Fraction(1, 4))


@pytest.mark.parametrize("pe", [1, 2])
def test_in_gates(pe):
    assert OP.at(pe).interval(X) == 6 // pe
    agree(OP.at(pe), X, drawn(X))


def test_without_an_offset_nothing_is_added():
    assert Gain(np.array([5])).evaluate(np.array([[3]])).tolist() == [[15]]

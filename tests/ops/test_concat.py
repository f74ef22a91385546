"""Channels of several streams of one format, by hand; the gates are in hw/units/test_join."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import Concat

A, B = Tensor((2, 4), Int(0, 3)), Tensor((2, 6), Int(-5, 1))


def test_by_hand():
    a, b = np.arange(8).reshape(1, 2, 4), np.arange(12).reshape(1, 2, 6)
    assert Concat().evaluate(a, b).tolist() == [[[0, 1, 2, 3, 0, 1, 2, 3, 4, 5],
                                                 [4, 5, 6, 7, 6, 7, 8, 9, 10, 11]]]
    assert Concat().infer(A, B) == Tensor((2, 10), Int(-5, 3))


def test_lanes_divide_all_channels():
    assert Concat().divided(A, B) == 2
    assert Concat(2).interval(A, B) == 10


def test_pixel_by_pixel_and_each_input_in_its_turn():
    """Two beats of the first, three of the second, twice."""
    arrivals = np.zeros(4, int), np.zeros(6, int)
    assert Concat(2).schedule(arrivals, A, B).tolist() == list(range(10))
    assert Concat(2).taken(arrivals, 0, A, B).tolist() == [0, 1, 5, 6]
    assert Concat(2).taken(arrivals, 1, A, B).tolist() == [2, 3, 4, 7, 8, 9]


@pytest.mark.parametrize("other", [Tensor((2, 6), Int(0, 1), Fraction(1, 2)),
                                   Tensor((2, 6), Int(0, 1), zero=Fraction(1))])
def test_other_formats_are_refused(other):
    with pytest.raises(ModelError, match="its inputs have different formats"):
        Concat().infer(A, other)

"""How many thresholds an integer reaches, by hand and in gates."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import Threshold

from .gates import agree, drawn

OP = Threshold(np.array([[-1, 0, 3], [2, 2, 5]]), np.array([False, True]), -1,
               scale=Fraction(1, 2))
X = Tensor((3, 2), Int(-4, 6))


def test_by_hand():
    """A threshold that is met is reached; a falling channel counts down from the highest code."""
    x = np.array([[-2, 1], [-1, 2], [0, 4], [2, 5], [3, 6]])
    assert OP.evaluate(x).tolist() == [[-1, 2], [0, 0], [1, 0], [1, -1], [2, -1]]
    assert OP.infer(X) == Tensor((3, 2), Int(-1, 2), Fraction(1, 2))


@pytest.mark.parametrize("pe", [1, 2])
def test_in_gates(pe):
    agree(OP.at(pe), X, drawn(X, 12))


def test_a_step_of_the_search_takes_a_cycle():
    """The first is in the cycle in which the beat comes."""
    assert (OP.levels, OP.bits) == (4, 2)
    assert OP.schedule(np.array([0, 3]), X).tolist() == [1, 4]


def test_other_channels_are_refused():
    with pytest.raises(ValueError, match="Thresholds are for 2 channels, and the input has 3"):
        OP.infer(Tensor((3,), Int(0, 1)))

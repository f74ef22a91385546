"""Some of the channels, by hand and in gates."""

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import Take

from .gates import agree, drawn

X = Tensor((3, 6), Int(-8, 7))


def test_by_hand():
    assert Take(1, 2).evaluate(np.array([[[5, 6, 7, 8]]])).tolist() == [[[6, 7]]]
    assert Take(2, 4).infer(X) == Tensor((3, 4), Int(-8, 7))


@pytest.mark.parametrize("pe", [1, 2])
def test_in_gates(pe):
    agree(Take(2, 4, pe), X, drawn(X))


def test_beats_pass_or_are_dropped_in_the_cycle_they_come():
    x = Tensor((2, 3), Int(0, 1))
    assert Take(1, 1).schedule(np.array([0, 1, 2, 5, 7, 9]), x).tolist() == [1, 7]
    assert Take(2, 4).divided(X) == 2


def test_channels_that_are_not_there_are_refused():
    with pytest.raises(ModelError, match=r"there are no channels up to 7 in \(3, 6\)"):
        Take(3, 4).infer(X)

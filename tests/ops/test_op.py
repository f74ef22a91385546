"""Lanes that keep up, and when a layer is offered its beats at the latest, by hand."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops import Gain
from qhw.ops.op import fitting


@pytest.mark.parametrize(("lanes", "most", "found"), [(3, 8, 3), (5, 8, 3), (2, 8, 3), (5, 1, 12)])
def test_lanes_that_keep_up(lanes, most, found):
    """Of twelve channels in 24 cycles: those of the layer before, or the least, or all."""
    assert fitting(lanes, 12, lambda pe: 24 // pe, most) == found


def test_a_layer_that_takes_a_cycle_is_offered_its_beats_one_before():
    op, x = Gain(np.ones(3, int)), Tensor((3,), Int(0, 1))
    assert op.latest(np.array([5, 6, 9]), x).tolist() == [4, 5, 8]
    assert op.latest(np.array([5]), x) is None

"""Lanes that keep up, and when a layer is offered its beats at the latest, by hand."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Lanes, Tensor, Whole
from qhw.ops import Gain, Largest
from qhw.ops.op import fitting


@pytest.mark.parametrize(("lanes", "most", "found"), [(3, 8, 3), (5, 8, 3), (2, 8, 3), (5, 1, 12)])
def test_lanes_that_keep_up(lanes, most, found):
    """Of twelve channels in 24 cycles: those of the layer before, or the least, or all."""
    assert fitting(lanes, 12, lambda pe: 24 // pe, most) == found


def test_a_layer_that_takes_a_cycle_is_offered_its_beats_one_before():
    op, x = Gain(np.ones(3, int)), Tensor((3,), Int(0, 1))
    assert op.latest(np.array([5, 6, 9]), x).tolist() == [4, 5, 8]
    assert op.latest(np.array([5]), x) is None


@pytest.mark.parametrize(("op", "fold", "wrong"), [
    (Gain(np.ones(4, int)), Lanes(2, 1), "a gain layer of 2 lanes has no stages"),
    (Largest(np.zeros(4, int)), Lanes(4, 1), ""),
    (Largest(np.zeros(4, int)), Lanes(4, 2), "stages must be 0 to 1, and 2 is not"),
    (Largest(np.zeros(4, int)), Lanes(1, -1), "stages must be 0 to 1, and -1 is not"),
    (Largest(np.zeros(2, int)), Lanes(2, 1), "a largest layer of 2 lanes has no stages"),
    (Largest(np.zeros(4, int)), Lanes(3, 1), "lanes 3 are none of 1, 2, 4"),
    (Largest(np.zeros(4, int)), Whole(1), "it has lanes, not channels of whole windows")])
def test_registers_for_a_clock_that_a_layer_has_not(op, fold, wrong):
    assert op.wrong(fold, Tensor((len(op.rank) if isinstance(op, Largest) else 4,), Int(0, 1))
                    ) == wrong

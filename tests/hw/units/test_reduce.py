"""Maxima, minima and sums of what windows see against numpy, with and without stalls."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Tensor
from qhw.ops.pooling import Pooling
from qhw.testing.stream import run
from tests.hw.units.test_join import codes

X = Int(-8, 7)


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize("lanes", [1, 2, 4])
@pytest.mark.parametrize(("how", "flip", "window"), [
    ("max", [0, 0, 0, 0], Window((2, 2), (2, 2))), ("max", [0, 1, 1, 0], Window((3, 2), (1, 2))),
    ("sum", [0, 0, 0, 0], Window((3, 3), (2, 2), pads=(1, 1, 1, 1))),
    ("max", [0, 0, 0, 0], Window((3, 3), (2, 2), pads=(1, 1, 1, 1))),
    ("sum", [0, 0, 0, 0], Window((6, 7), (6, 7))),
    ("max", [0, 0, 0, 0], Window((6, 7), (6, 7))),
    ("max", [1, 1, 1, 1], Window((3, 3), (2, 2), pads=(1, 1, 1, 1))),
    ("max", [0, 1, 1, 0], Window((3, 3), (2, 2), pads=(2, 1, 0, 1)))], ids=str)
def test_pooling(how, flip, window, lanes, stalls):
    shape, flip = (6, 7, 4), np.array(flip, bool)
    x = codes(3, *shape)
    op = Pooling(window, how, flip if how == "max" else None, pe=lanes)
    want = op.evaluate(x)
    unit = op.unit(Tensor(shape, X))
    got = run(unit, x.reshape(-1, lanes).tolist(), outputs=want.size // lanes, stalls=stalls)
    assert np.array_equal(np.ravel(got), want.ravel())

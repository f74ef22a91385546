"""The sliding window against numpy, at every shape, with and without stalls."""

import numpy as np
import pytest

from qhw.hw.window import WindowUnit
from qhw.num import Int
from qhw.ops import Windows
from qhw.window import Window
from tests.drive import run

CASES = [
    (Window((3, 3), pads=(1, 1, 1, 1)), (5, 6, 2)), (Window((3, 3)), (5, 6, 2)),
    (Window((2, 2), (2, 2)), (6, 4, 2)), (Window((2, 2), (2, 2)), (7, 5, 2)),
    (Window((3, 3), (2, 2), pads=(1, 1, 1, 1)), (7, 8, 2)),
    (Window((3, 2), (1, 2), (2, 1), (2, 0, 1, 1)), (6, 5, 4)),
    (Window((1, 5), pads=(0, 2, 0, 2)), (1, 9, 2)), (Window((4, 4)), (4, 4, 2)),
    (Window((5, 5), (3, 1), pads=(4, 4, 4, 4)), (3, 3, 2)), (Window((1, 1), (2, 2)), (5, 5, 2)),
    (Window((2, 2), (3, 3)), (8, 8, 2)), (Window((3, 1), (1, 1), (3, 1)), (8, 2, 2)),
]


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize(("groups", "lanes"), [(1, 1), (1, 2), (2, 1)])
@pytest.mark.parametrize(("window", "shape"), CASES, ids=str)
def test_what_the_window_sees(window, shape, groups, lanes, stalls):
    x = np.random.default_rng(0).integers(-8, 8, (3, *shape))
    op = Windows(window, groups, fill=5)
    want = op.evaluate(x)
    unit = WindowUnit(Int(-8, 7).shape, window, shape, groups=groups, fill=5, lanes=lanes)
    got, (_, times) = run(unit, x.reshape(-1, lanes).tolist(), outputs=want.size // lanes,
                          stalls=stalls, times=True)
    assert np.array_equal(np.ravel(got), want.ravel())
    taken = want[0].size // lanes
    if stalls is None and taken > 3 * x[0].size // lanes:    # rows come in time
        assert len(set(np.diff(times[taken:]))) == 1, "a bubble"

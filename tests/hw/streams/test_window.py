"""The sliding window against numpy, at every shape, with and without stalls."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Tensor
from qhw.hw.streams.window import WindowUnit
from qhw.ops import Windows
from qhw.testing.stream import run

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


@pytest.mark.parametrize("lanes", [1, 2])
@pytest.mark.parametrize(("codes", "fill"), [(Int(0, 15), -1), (Int(0, 15), 40), (Int(-8, -1), 0),
                                             (Int(-8, 7), 8), (Int(16, 31), 0)], ids=str)
def test_pads_beyond_the_codes(codes, fill, lanes):
    """The image comes in as wide as its codes; what goes out holds the pads too."""
    window, shape = Window((2, 2), pads=(1, 0, 1, 1)), (3, 3, 2)
    op, image = Windows(window, fill=fill, pe=lanes), Tensor(shape, codes)
    x = np.random.default_rng(0).integers(codes.lo, codes.hi + 1, (3, *shape))
    want, unit = op.evaluate(x), op.unit(image)
    assert unit.i.payload.shape()[0].shape == codes.shape
    assert unit.o.payload.shape()[0].shape == op.infer(image).integer.shape
    got = run(unit, x.reshape(-1, lanes).tolist(), outputs=want.size // lanes, stalls=1)
    assert np.array_equal(np.ravel(got), want.ravel())

"""Blocks of a stream in another order against numpy, with and without stalls."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.hw.streams.reorder import ReorderUnit
from qhw.ops.reorder import depth_to_space, enlarge, space_to_depth, transpose
from tests.drive import run
from tests.hw.units.test_join import codes

X = Int(-8, 7)


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize("op", [
    enlarge((3, 4, 2), 2, 3), depth_to_space((2, 3, 8), 2, columns_first=True),
    depth_to_space((2, 3, 8), 2, columns_first=False), space_to_depth((4, 6, 2), 2),
    transpose((2, 3, 4), (2, 0, 1))], ids=["enlarge", "crd", "dcr", "space", "transpose"])
def test_another_order(op, stalls):
    x = codes(3, 3 * 4 * 2 if op.shape == (6, 12, 2) else np.prod(op.shape))
    want = op.evaluate(x)
    got, (_, times) = run(ReorderUnit(X.shape, 1, op.block, op.loops), x.reshape(-1, 1).tolist(),
                          outputs=want.size, stalls=stalls, times=True)
    assert np.array_equal(np.ravel(got), want.ravel())
    if stalls is None:
        assert set(np.diff(times[op.made:])) <= {1, 2}


@pytest.mark.parametrize("stalls", [None, 1])
def test_one_beat_stays_as_it_is(stalls):
    """A block of one beat has no loop that goes round."""
    x = codes(4, 3)
    got = run(ReorderUnit(X.shape, 3, 1, ((1, 3), (1, 3), (1, 1))), x.tolist(), outputs=4,
              stalls=stalls)
    assert np.array_equal(got, x)

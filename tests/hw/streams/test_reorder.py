"""Blocks of a stream in another order against numpy, with and without stalls."""

from dataclasses import replace

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.hw.streams.reorder import ReorderUnit
from qhw.ops import Reorder
from qhw.ops.reorder import depth_to_space, enlarge, space_to_depth, transpose
from qhw.testing.stream import run
from tests.hw.units.test_join import codes

X = Int(-8, 7)


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize("op", [
    enlarge((3, 4, 2), 2, 3), depth_to_space((2, 3, 8), 2, columns_first=True),
    depth_to_space((2, 3, 8), 2, columns_first=False), space_to_depth((4, 6, 2), 2),
    transpose((2, 3, 4), (2, 0, 1)), Reorder(24, ((24, -1),), (24,), start=23),
    Reorder(24, ((3, (0, -8, 8)), (8, 1)), (24,), start=8),
    Reorder(12, ((3, -4), (5, (0, 2, 1, 2, 0))), (30,), start=9),
    Reorder(24, ((4, (0, 5, 5, -1)), (2, 3), (3, (0, 7, 2))), (24,), start=1)],
    ids=["enlarge", "crd", "dcr", "space", "transpose", "backwards", "rows", "picked", "tables"])
def test_another_order(op, stalls):
    x = codes(3, 24 if len(op.shape) < 3 or op.shape == (6, 12, 2) else np.prod(op.shape))
    want = op.evaluate(x)
    unit = ReorderUnit(X.shape, 1, op.block, op.loops, op.start)
    got, (_, times) = run(unit, x.reshape(-1, 1).tolist(),
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


@pytest.mark.parametrize("pe", [2, 4])
def test_neighbours_stay_neighbours_in_lanes(pe):
    """Rows of eight picked in any order, several elements a beat."""
    op = Reorder(24, ((4, (0, -8, 8, -8)), (8, 1)), (32,), start=8)
    assert op.divided() == 8
    unit = replace(op, pe=pe).unit(Tensor((24,), X))
    x = codes(2, 24)
    got = run(unit, x.reshape(-1, pe).tolist(), outputs=64 // pe)
    assert np.array_equal(np.ravel(got), op.evaluate(x).ravel())

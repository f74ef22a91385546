"""A table for each element of a beat, one cycle later."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.hw.units.lookup import LookupUnit
from qhw.testing.stream import run

TABLE = np.array([5, -9, 0, 7, 7, -1, 3])


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize("pe", [1, 3])
def test_every_entry(pe, stalls):
    x = np.concatenate([np.arange(-2, 5), np.random.default_rng(0).integers(-2, 5, 8)])
    unit = LookupUnit(TABLE, x=Int(-2, 4), y=Int.of(TABLE), pe=pe)
    got, (i_times, o_times) = run(unit, x.reshape(-1, pe).tolist(), stalls=stalls, times=True)
    assert np.ravel(got).tolist() == TABLE[x + 2].tolist()
    if stalls is None:
        assert o_times == [t + 1 for t in i_times]

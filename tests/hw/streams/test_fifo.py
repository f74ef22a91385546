import numpy as np
import pytest

from qhw.hw.streams.fifo import Queue
from qhw.testing.stream import run


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize("stalls", [None, 1, 2])
def test_what_goes_in_comes_out_in_order(depth, stalls):
    items = np.random.default_rng(0).integers(0, 256, 200).tolist()
    got, (put, out) = run(Queue(8, depth), items, stalls=stalls, times=True)
    assert got == items
    inside = [sum(t < now for t in put) - sum(t < now for t in out) for now in range(max(out))]
    assert max(inside) <= depth
    if stalls is None and depth > 1:
        assert np.diff(out).max() == 1

import numpy as np
import pytest
from amaranth.hdl import unsigned

from qhw.hw.streams.stream import Buffer, Narrow, Widen, resize
from tests.drive import run

DATA = np.random.default_rng(0).integers(0, 256, (24, 6)).tolist()


@pytest.mark.parametrize("stalls", [None, 1, 2, 3])
def test_buffer(stalls):
    got, (i_times, o_times) = run(Buffer(unsigned(8), 6), DATA, stalls=stalls, times=True)
    assert got == DATA
    if stalls is None:
        assert o_times == [t + 1 for t in i_times] == list(range(o_times[0], o_times[0] + 24))


@pytest.mark.parametrize("stalls", [None, 1, 2, 3])
@pytest.mark.parametrize("factor", [2, 3, 5])
def test_narrow(stalls, factor):
    items = np.arange(8 * 2 * factor).reshape(8, 2 * factor)
    got, (_, o_times) = run(Narrow(unsigned(8), 2, factor), items.tolist(),
                            outputs=8 * factor, stalls=stalls, times=True)
    assert got == items.reshape(-1, 2).tolist()
    if stalls is None:
        assert o_times == list(range(o_times[0], o_times[0] + 8 * factor)), "a bubble"


@pytest.mark.parametrize("stalls", [None, 1, 2, 3])
@pytest.mark.parametrize("factor", [2, 3, 5])
def test_widen(stalls, factor):
    items = np.arange(8 * 2 * factor).reshape(-1, 2)
    got, (i_times, _) = run(Widen(unsigned(8), 2, factor), items.tolist(), outputs=8,
                            stalls=stalls, times=True)
    assert got == items.reshape(8, -1).tolist()
    if stalls is None:
        assert i_times == list(range(i_times[0], i_times[0] + 8 * factor)), "a bubble"


@pytest.mark.parametrize(("i", "o", "way"), [
    (4, 4, []), (2, 8, [8]), (8, 2, [2]), (4, 6, [12, 6]), (3, 5, [15, 5])])
def test_resize(i, o, way):
    assert resize(i, o) == way

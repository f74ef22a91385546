import numpy as np
import pytest
from amaranth.hdl import unsigned

from qhw.hw.streams.stream import Buffer, Narrow, Widen, resize
from qhw.testing.stream import run

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


@pytest.mark.parametrize("stalls", [None, 1, 2, 3])
@pytest.mark.parametrize(("lanes", "wide", "size"), [(2, 6, 7), (3, 7, 7), (1, 4, 9), (2, 4, 10)])
def test_vectors_that_beats_do_not_divide(stalls, lanes, wide, size):
    """Vectors of ``size`` elements; what lies beyond them in a beat has no meaning."""
    x = np.random.default_rng(0).integers(0, 256, (5, size))

    def packed(lanes):
        more = -size % lanes
        return np.pad(x, ((0, 0), (0, more)), constant_values=255).reshape(-1, lanes)

    def meant(beats, lanes):
        return np.reshape(beats, (5, -1))[:, :size]

    factor, vector = -(-wide // lanes), -(-size // lanes)
    for unit, i, o in ((Widen, lanes, wide), (Narrow, wide, lanes)):
        got, (i_times, o_times) = run(
            unit(unsigned(8), lanes, factor, wide=wide, vector=vector), packed(i).tolist(),
            outputs=len(packed(o)), stalls=stalls, times=True)
        assert np.array_equal(meant(got, o), x)
        if stalls is None:
            fast = i_times if unit is Widen else o_times
            assert fast == list(range(fast[0], fast[0] + 5 * vector)), "a bubble"


@pytest.mark.parametrize(("i", "o", "way"), [
    (4, 4, []), (2, 8, [8]), (8, 2, [2]), (4, 6, [12, 6]), (3, 5, [15, 5])])
def test_resize(i, o, way):
    assert resize(i, o) == way

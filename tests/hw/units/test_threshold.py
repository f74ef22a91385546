import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Lanes, Tensor
from qhw.hw.units.threshold import ThresholdUnit
from qhw.ops import Threshold
from qhw.testing.stream import run


def op(levels, channels, pe, *, seed=0, centred=False):
    rng = np.random.default_rng(seed)
    thresholds = np.sort(rng.integers(-40, 41, (channels, levels - 1)), axis=1)
    if centred:
        thresholds -= thresholds[:, [(1 << (levels - 1).bit_length() - 1) - 1]]
    return Threshold(thresholds, rng.integers(0, 2, channels).astype(bool), -1, pe)


@pytest.mark.parametrize("levels", [2, 3, 4, 5, 8, 17, 256])
@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize(("channels", "pe"), [(1, 1), (4, 4), (6, 2)])
def test_every_input(levels, centred, channels, pe):
    layer, x = op(levels, channels, pe, centred=centred), Int(-45, 44)
    values = np.repeat(np.arange(x.lo, x.hi + 1)[:, None], channels, axis=1)
    got, (i_times, o_times) = run(layer.unit(Tensor((channels,), x)),
                                  values.reshape(-1, pe).tolist(), times=True)
    assert np.array_equal(np.reshape(got, values.shape), layer.evaluate(values))
    assert [o - i for i, o in zip(i_times, o_times, strict=True)] == (
        [layer.bits - 1] * len(got))


@pytest.mark.parametrize("stalls", [1, 2])
def test_with_stalls(stalls):
    layer, x = op(8, 6, 2), Int(-45, 44)
    values = np.random.default_rng(1).integers(-45, 45, (40, 6))
    got = run(layer.unit(Tensor((6,), x)), values.reshape(-1, 2).tolist(), stalls=stalls)
    assert np.array_equal(np.reshape(got, values.shape), layer.evaluate(values))


@pytest.mark.parametrize("stages", range(10))
@pytest.mark.parametrize(("levels", "channels", "pe"), [
    (2, 6, 2), (5, 6, 2), (16, 4, 4), (9, 5, 1)])
def test_registers_for_a_clock(levels, channels, pe, stages):
    """Each makes every beat a cycle later, and keeps the pace."""
    layer, x = op(levels, channels, pe, centred=levels == 16), Tensor((channels,), Int(-45, 44))
    stages = min(stages, layer.most_stages)
    layer = layer.folded(Lanes(pe, stages))
    values = np.random.default_rng(1).integers(-45, 45, (20, channels))
    for stalls in (None, 3):
        got, (i_times, o_times) = run(layer.unit(x), values.reshape(-1, pe).tolist(),
                                      stalls=stalls, times=True)
        assert np.array_equal(np.reshape(got, values.shape), layer.evaluate(values))
        if stalls is None:
            assert o_times == [i + layer.bits - 1 + stages for i in i_times]
            assert set(np.diff(o_times)) == {1}, "a bubble"


@pytest.mark.parametrize("stages", [-1, 6])
def test_no_other_number_of_registers(stages):
    with pytest.raises(ValueError, match=f"stages must be 0 to 5, and {stages} is not"):
        ThresholdUnit(np.zeros((1, 2)), np.zeros(1, bool), x=Int(0, 1), lo=0, pe=1, stages=stages)


def test_by_hand():
    """Two channels, the second counted down; 3 levels need 2 bits."""
    layer = Threshold(np.array([[0, 5], [0, 5]]), np.array([False, True]))
    x = np.array([[-1, -1], [0, 0], [4, 4], [5, 5]])
    assert layer.evaluate(x).tolist() == [[0, 2], [1, 1], [1, 1], [2, 0]]
    assert layer.bits == 2


@pytest.mark.parametrize("x", [Int(0, 15), Int(-16, -1), Int(-3, 4)], ids=str)
def test_thresholds_beyond_the_inputs(x):
    """Some are below the least, so that they are always reached, and some above the highest, so
    that they never are; inputs have one sign, or both."""
    middle = (x.lo + x.hi) // 2
    row = [x.lo - 20, x.lo, middle, x.hi, x.hi + 1, x.hi + 30]
    layer = Threshold(np.array([row, row]), np.array([False, True]), 2, 2)
    values = np.repeat(np.arange(x.lo, x.hi + 1)[:, None], 2, axis=1)
    count = [sum(n >= t for t in row) for n in range(x.lo, x.hi + 1)]
    got = run(layer.unit(Tensor((2,), x)), values.tolist())
    assert got == [[2 + c, 2 + 6 - c] for c in count]


def test_a_fold_must_divide():
    with pytest.raises(ValueError, match="PE must divide the 6 channels, and 4 does not"):
        op(4, 6, 4).unit(Tensor((6,), Int(0, 1)))

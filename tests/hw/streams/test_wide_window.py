"""The wide window against numpy, at every shape, with and without stalls, and its cycles."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.exact.window import Window
from qhw.graph import Tensor, Whole
from qhw.hw.streams.wide_window import WideWindow
from qhw.ops import Windows
from qhw.schedule import Net
from qhw.testing.stream import run
from tests.hw.streams.test_window import CASES
from tests.seeds import rotating

FITTING = [(window, shape) for window, shape in CASES if WideWindow.fits(window)]
X = Int(-8, 7)


def played(op, image, count):
    """Cycles of output beats that the model predicts, without stalls."""
    net = Net()
    net.sink(op.stream(net, (net.source(image.size // op.i_lanes),), image))
    return net.play(count, each=True).ends


class OneAddress:
    """A platform whose memories are smaller if they are read and written at one address."""

    def one_address(self, width, depth):
        return True


def check(op, shape, codes, seed, stalls, platform=None):
    image = Tensor(shape, codes)
    x = np.random.default_rng(seed).integers(codes.lo, codes.hi + 1, (3, *shape))
    want, unit = op.evaluate(x), op.unit(image)
    if platform:
        unit.elaborate = lambda _: WideWindow.elaborate(unit, platform)
    got, (taken, times) = run(unit, x.reshape(-1, op.i_lanes).tolist(),
                              outputs=want.size // op.o_lanes, stalls=stalls, times=True)
    assert np.array_equal(np.ravel(got), want.ravel())
    if stalls is None:
        assert (np.array(times) - taken[0]).tolist() == played(op, image, 3).tolist()


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize(("groups", "channels"), [(1, 2), (2, 1), (2, 2)])
@pytest.mark.parametrize(("window", "shape"), FITTING, ids=str)
def test_whole_windows(window, shape, groups, channels, stalls):
    channels = channels * shape[2] // 2
    check(Windows(window, groups, fill=5, channels=channels), shape, X, 0, stalls)


@pytest.mark.parametrize(("codes", "fill"), [(Int(0, 15), -1), (Int(0, 15), 40), (Int(-8, -1), 0),
                                             (Int(-8, 7), 8), (Int(16, 31), 0)], ids=str)
def test_pads_beyond_the_codes(codes, fill):
    check(Windows(Window((2, 2), pads=(1, 0, 1, 1)), fill=fill, channels=2), (3, 3, 2), codes, 0, 1)


def random_case(rng):
    """Any window that reaches an image of any size, one pixel and one column among them."""
    while True:
        shape = *map(int, rng.integers(1, 7, 2)), int(rng.choice([1, 2, 4, 6]))
        pair = [tuple(map(int, rng.integers(1, 5, 2))) for _ in range(3)]
        window = Window(*pair[:2], pair[2] if rng.integers(3) == 0 else (1, 1),
                        tuple(map(int, rng.integers(0, 4, 4))))
        groups = int(rng.choice([n for n in (1, 2, 3, 4, 6) if shape[2] % n == 0]))
        try:
            folds = Windows(window, groups).folds(Tensor(shape, X))
            window.outputs(*shape[:2])
        except ValueError:
            continue
        if whole := [one for one in folds if isinstance(one, Whole)]:
            fold = whole[rng.integers(len(whole))]
            return Windows(window, groups, fill=int(rng.integers(-20, 20))).folded(fold), shape


@pytest.mark.parametrize("seed", rotating(12))
def test_any_window(seed):
    rng = np.random.default_rng(seed)
    op, shape = random_case(rng)
    check(op, shape, X, seed, None)
    check(op, shape, X, seed, seed)


@pytest.mark.parametrize("stalls", [None, 1])
@pytest.mark.parametrize(("window", "shape"), FITTING, ids=str)
def test_rows_that_are_read_and_written_at_one_address(window, shape, stalls):
    check(Windows(window, 1, fill=5, channels=shape[2]), shape, X, 0, stalls, OneAddress())


def test_cycles_by_hand():
    """A pixel a cycle; a column of pads ends each row, and a row of pads ends the image."""
    plain, padded = Window((3, 3)), Window((3, 3), pads=(1, 1, 1, 1))
    image = Tensor((16, 16, 16), Int(0, 15))
    assert Windows(plain, channels=16).interval(image) == 16 * 16
    assert Windows(padded, channels=16).interval(image) == 17 * 17
    assert Windows(padded, 16, channels=4).interval(image) == 17 * 17 * 4
    assert Windows(Window((5, 5), (2, 2)), channels=1).interval(Tensor((28, 28, 1), X)) == 28 * 28
    times = played(Windows(plain, channels=16), image, 2)
    assert times[0] == 2 * 16 + 2 + 1 and times[-1] - times[len(times) // 2 - 1] == 256


def test_refusals():
    with pytest.raises(ValueError, match="whole groups of 2 of 4"):
        WideWindow(X.shape, Window((3, 3)), (5, 5, 4), groups=2, channels=1)
    with pytest.raises(ValueError, match="reaches the image"):
        WideWindow(X.shape, Window((1, 1), pads=(1, 0, 0, 0)), (5, 5, 4), channels=4)
    folds = Windows(Window((1, 1), pads=(1, 0, 0, 0))).folds(Tensor((5, 5, 4), X))
    assert not any(isinstance(one, Whole) for one in folds)

"""Operations as they are prepared for the golden, against their definitions on int64."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.held import whole
from qhw.exact.line import Both, Lines
from qhw.exact.num import Int, Rounding
from qhw.exact.scaled import scaled
from qhw.exact.window import Window
from qhw.graph import Tensor
from qhw.layers import Flatten
from qhw.layers.shapes import Reshape
from qhw.ops import (
    Combine,
    Concat,
    Gain,
    Largest,
    Lookup,
    MatVec,
    Requantize,
    Sum,
    Take,
    Threshold,
    Windows,
    threshold,
)
from qhw.ops import windows as module
from qhw.ops.pooling import Pooling
from qhw.ops.reorder import transpose
from qhw.schemes import schemes

RNG = np.random.default_rng(7)
IMAGE = (4, 5, 6)
WINDOW = Window((3, 2), (2, 1), pads=(1, 0, 1, 1))


def product(inputs, outputs=4, groups=1, size=7):
    w = RNG.integers(-size, size + 1, (outputs, inputs))
    return MatVec(schemes["fixed"](bits=8), w, RNG.integers(-99, 99, outputs), groups=groups)


def thresholds(levels, x, flip=False):
    edges = np.sort(RNG.integers(x.lo - 3, x.hi + 3, (6, levels - 1)), axis=1)
    return Threshold(edges, RNG.integers(0, 2, 6) > 0 if flip else np.zeros(6, bool), -2)


def even(levels, slope, flip):
    """Thresholds at equal distances, as those of an activation of 8 bits."""
    edges = np.arange(1, levels) * slope + RNG.integers(-50, 50, (6, 1))
    return Threshold(edges, np.arange(6) % 2 == 1 if flip else np.zeros(6, bool), -128)


def requantize(rounding, shift=12, **more):
    return Requantize(RNG.integers(-(1 << 11), 1 << 11, 6), RNG.integers(-9999, 9999, 6), shift,
                      Int(-128, 127), 3, rounding, **more)


SMALL, SUMS, WIDE = Int(-5, 9), Int(-3000, 2999), Int(-(1 << 40), (1 << 40) - 1)
HUGE = Int(-(1 << 56), 1 << 56)
CASES = [
    *((op, Tensor(IMAGE, x)) for x in (SMALL, SUMS, WIDE, HUGE) for op in (
        product(6), thresholds(2, x), thresholds(16, x, flip=True), thresholds(70, x, flip=True),
        Windows(WINDOW, fill=-4), Windows(WINDOW, groups=3), Windows(WINDOW, groups=6, fill=5),
        Pooling(WINDOW, "max"), Pooling(WINDOW, "sum", fill=2), Flatten(), Reshape((12, 10)),
        Pooling(WINDOW, "max", np.arange(6) > 2), Pooling(WINDOW, "max", np.ones(6, bool)),
        Pooling(Window((4, 5)), "sum"), Take(1, 3), transpose(IMAGE, (2, 0, 1)))),
    (MatVec(schemes["fixed"](bits=8), RNG.integers(-7, 8, (6, 2)), np.zeros(6, int), groups=3),
     Tensor((4, 3, 2), SUMS)),
    *((even(256, 11, flip), Tensor(IMAGE, SUMS)) for flip in (False, True)),
    (Threshold(np.sort(RNG.integers(-3000, 3000, (6, 255))), np.zeros(6, bool)),
     Tensor(IMAGE, SUMS)),
    *((requantize(r, shift), Tensor(IMAGE, SUMS)) for r in Rounding for shift in (0, 1, 12)),
    (requantize(Rounding.HALF_AWAY, 3, first_shift=9), Tensor(IMAGE, SUMS)),
    (requantize(Rounding.HALF_UP, away=np.arange(6)), Tensor(IMAGE, SUMS)),
    (requantize(Rounding.FLOOR, 30), Tensor(IMAGE, WIDE)),
    (Lookup(RNG.integers(-99, 99, 15), Tensor((), Int(-99, 99)), -5), Tensor(IMAGE, SMALL)),
    (Gain(np.arange(6) - 3, np.arange(6)), Tensor(IMAGE, SUMS)),
    (Largest(np.array([2, 1, 0, 3, 4, 5])), Tensor(IMAGE, SMALL)),
    (Combine(RNG.integers(-9, 9, (5, 6)), np.arange(5)), Tensor((3, 5, 6), SUMS)),
]


def values(x, count=5):
    found = np.random.default_rng(1).integers(x.integer.lo, x.integer.hi, (count, *x.shape),
                                              endpoint=True)
    found[0], found[1] = x.integer.lo, x.integer.hi
    return found


def agree(op, *xs):
    """In every type that holds the integers, in both orders."""
    given = [values(x) for x in xs]
    want, function = op.evaluate(*given), op.prepared(*xs)
    kinds = [k for k, holds in ((np.int16, 1 << 15), (np.float32, 1 << 24), (np.float64, 1 << 53),
                                (np.int64, 1 << 62)) if max(x.integer.size for x in xs) < holds]
    for kind in kinds:
        for order in "CF":
            found = function(*(np.array(v, kind, order=order) for v in given))
            assert found.shape == want.shape
            assert np.array_equal(whole(found), want), (kind, order)
    return function


@pytest.mark.parametrize(("op", "x"), CASES, ids=lambda v: getattr(v, "kind", None))
def test_is_its_definition(op, x):
    agree(op, x)


@pytest.mark.parametrize("kinds", [(SMALL, SMALL), (SMALL, WIDE), (SUMS, HUGE), (HUGE, HUGE)])
def test_two_streams(kinds):
    x, y = (Tensor(IMAGE, k) for k in kinds)
    agree(Concat(), x, y)
    factors = RNG.integers(-9, 10, (2, 6)) if HUGE not in kinds else np.ones((2, 6), int)
    agree(Sum(*factors), x, y)


@pytest.mark.parametrize("block", [1, 200, 1 << 17])
@pytest.mark.parametrize("pads", [(0, 0, 0, 0), (1, 1, 1, 1)])
@pytest.mark.parametrize("size", [3, 60, 1 << 30])
@pytest.mark.parametrize(("groups", "outputs", "dilation"), [
    (1, 4, (1, 1)), (1, 5, (2, 1)), (3, 6, (1, 1)), (6, 6, (1, 1)), (6, 6, (1, 2)),
    (6, 12, (1, 1))])
def test_products_without_windows(groups, outputs, dilation, size, pads, block, monkeypatch):
    """The product of an image is that of its windows, however many are copied at a time."""
    monkeypatch.setattr(module, "BLOCK", block)
    x = Tensor(IMAGE, Int(-size, size))
    windows = Windows(Window((2, 3), (1, 2), dilation, pads), groups=groups, fill=-size)
    op = product(6 * 6 // groups, outputs, groups=groups)
    found = windows.direct(op, x)(values(x))
    assert np.array_equal(whole(found), op.evaluate(windows.evaluate(values(x))))


def test_partial_sums_without_windows():
    """Several sums of an output are the last dimension."""
    x = Tensor(IMAGE, SMALL)
    windows = Windows(Window((2, 2)))
    codes = np.arange(3)[:, None] + np.arange(24) & 3
    scheme = schemes["ttq"]()
    op = MatVec(scheme, np.where(codes == 3, 0, codes), np.zeros((3, 2), int))
    assert op.parts == 2
    want = op.evaluate(windows.evaluate(values(x)))
    assert np.array_equal(whole(windows.direct(op, x)(values(x))), want)


def test_requantization_is_a_line():
    """Of one rounding; ties to even codes are computed as they are defined."""
    x = Tensor(IMAGE, SUMS)
    assert isinstance(agree(requantize(Rounding.HALF_UP), x), Lines)
    assert isinstance(agree(even(256, 11, flip=True), x), Lines)
    coarse = Requantize(np.array([1] * 6), np.zeros(6, int), 1, Int(-128, 127),
                        rounding=Rounding.HALF_EVEN, scale=Fraction(1))
    assert not isinstance(agree(coarse, x), Lines)


def test_thresholds_are_made_a_multiplier_once(monkeypatch):
    """For an interval of integers, however often they are prepared."""
    tried = []
    monkeypatch.setattr(threshold, "scaled", lambda steps: tried.append(steps) or scaled(steps))
    op = even(256, 11, flip=False)
    for x in (SUMS, SUMS, Int(-2000, 2999), SUMS):
        assert isinstance(agree(op, Tensor(IMAGE, x)), Lines)
    assert len(tried) == 2


@pytest.mark.parametrize("lo", [(1 << 24) - 2, (1 << 24) - 1, -(1 << 24) - 3, (1 << 53) - 1,
                                -(1 << 60)])
@pytest.mark.parametrize("levels", [2, 3, 40])
def test_codes_beyond_a_float(levels, lo):
    """The codes of thresholds are of any magnitude, however small the sums."""
    op = replace(thresholds(levels, SMALL, flip=True), lo=lo)
    agree(op, Tensor(IMAGE, SMALL))


@pytest.mark.parametrize("zero", [(1 << 23) - 130, (1 << 23) + 1, (1 << 24) - 127, 1 << 24,
                                  -(1 << 23) - 3, (1 << 40) + 1, (1 << 52) + 1, (1 << 53) + 1])
@pytest.mark.parametrize("away", [None, np.arange(6)])
def test_zero_points_beyond_a_float(away, zero):
    """Both lines of a requantization are added: their sum is held too."""
    op = requantize(Rounding.HALF_UP, away=away)
    op = replace(op, zero=zero, codes=Int(zero - 128, zero + 127))
    every = np.repeat(np.arange(-3000, 3000)[:, None], 6, axis=1)
    found = op.prepared(Tensor((6,), SUMS))(every)
    assert np.array_equal(whole(found), op.evaluate(every))


@pytest.mark.parametrize("away", [0, 1, 300, 2000])
def test_two_lines_beside_zero(away):
    """Negative sums that are less by ``away``, up to half a step, have a line of their own."""
    op = requantize(Rounding.HALF_UP, away=np.full(6, away))
    assert isinstance(agree(op, Tensor(IMAGE, SUMS)), Both)
    x = Tensor((6,), Int(-3000, 2999))
    every = np.repeat(np.arange(-3000, 3000)[:, None], 6, axis=1)
    assert np.array_equal(whole(op.prepared(x)(every)), op.evaluate(every))

"""TensorFlow Lite's requantization, by hand, by gemmlowp's own lines, and by its interpreter."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.layers import Rescale
from qhw.layers.rescale import fixed_point, reduced

from ..seeds import rotating

WORD = (-(1 << 31), (1 << 31) - 1)
WIDE = Int(*WORD)


def c_divide(a, b):
    """C's division of integers, which drops what is behind the point."""
    return abs(a) // b * (1 if a >= 0 else -1)


def by_gemmlowp(x, multiplier, shift):
    """MultiplyByQuantizedMultiplier, SaturatingRoundingDoublingHighMul and RoundingDivideByPOT of
    fixedpoint.h, line by line; a left shift that does not fit saturates."""
    left, right = max(shift, 0), max(-shift, 0)
    a = min(max(x * (1 << left), WORD[0]), WORD[1])
    ab = a * multiplier
    nudge = 1 << 30 if ab >= 0 else 1 - (1 << 30)
    high = c_divide(ab + nudge, 1 << 31)
    mask = (1 << right) - 1
    remainder, threshold = high & mask, (mask >> 1) + (high < 0)
    return (high >> right) + (remainder > threshold)


def by_sixteen_bits(x, multiplier, shift):
    """MultiplyByQuantizedMultiplier of an accumulator of 64 bits."""
    small = (multiplier + (1 << 15)) >> 16 if multiplier < 0x7FFF0000 else 0x7FFF
    total = 15 - shift
    return (x * small + (1 << total - 1)) >> total


def one(x, multiplier, shift, codes=WIDE, **options):
    op = Rescale(np.array([multiplier]), np.array([shift]), codes, **options)
    return np.atleast_1d(op.evaluate(np.array(x))).tolist()


def test_by_hand():
    """843 * .004 = 3.372; halves at 2**30; a product's tie rounds up, a shift's away from zero."""
    assert fixed_point(.004) == (1099511628, -7)
    assert one([843, -843], 1099511628, -7) == [3, -3]
    assert one([1, 3, -1, -3], 1 << 30, 0) == [1, 2, 0, -1]
    assert one([2, 6, -2, -6], 1 << 30, -1) == [1, 2, -1, -2]
    assert one([1, 3, -1, -3], 1 << 30, 0, single=True) == [1, 2, 0, -1]
    assert one([2, 6, -2, -6], 1 << 30, -1, single=True) == [1, 2, 0, -1]
    # 3 / 8 is below a half, but the first rounding makes it 2 / 4
    assert one([3, -3], 1 << 30, -2) == [1, 0] and one([-5], 1 << 30, -2) == [-1]
    assert one([3, -3, 4, -4], 1 << 30, -2, single=True) == [0, 0, 1, 0]
    assert one([1000, -1000, 4], 1 << 30, 1, Int(-128, 127), zero=-3) == [127, -128, 1]
    assert one([1 << 30, -(1 << 30)], 1 << 30, 2) == [1 << 30, -(1 << 30)]


@pytest.mark.parametrize(("real", "want"), [
    (0., (0, 0)), (1., (1 << 30, 1)), (.5, (1 << 30, 0)), (-.5, (-1 << 30, 0)),
    (.25, (1 << 30, -1)),
    (1 - 2.0**-33, (1 << 30, 1)), (1 - 2.0**-32, (1 << 30, 1)), (1 - 2.0**-31, ((1 << 31) - 1, 0)),
    (2.0**-32, (1 << 30, -31)), (2.0**-32 * (1 - 2.0**-30), (0, 0)),
    (2.0**29, (1 << 30, 30)), (2.0**30, ((1 << 31) - 1, 30)), (1 / 3, (1431655765, -1))])
def test_fixed_point_by_hand(real, want):
    """Carries, ties away from zero, and what is too small or too large."""
    assert fixed_point(real) == want


def corners(rng):
    """Multipliers and shifts, the rounded ones and any."""
    multipliers = [1 << 30, (1 << 31) - 1, -(1 << 30), 0, 3, (1 << 30) + 1, -(1 << 31) + 1,
                   *rng.integers(1 << 30, 1 << 31, 6).tolist()]
    return [(m, s) for m in multipliers for s in (-31, -30, -9, -2, -1, 0, 1, 5, 30)]


def points(rng, multiplier, shift):
    """Integers everywhere, and around those whose scaled value is a small number of halves."""
    ends = [*range(-70, 70), *(e + d for e in (0, *WORD) for d in (-1, 0, 1)),
            *rng.integers(*WORD, 40).tolist()]
    if multiplier:
        step = Fraction(1 << 31, multiplier) / Fraction(2) ** shift
        ends += [int(k * step / 2) + d for k in range(-9, 10) for d in (-2, -1, 0, 1, 2)]
    return np.array([e for e in ends if WORD[0] <= e <= WORD[1]])


def test_as_gemmlowp():
    """Every corner's integers and its thresholds."""
    rng = np.random.default_rng(rotating(1)[0])
    for m, s in corners(rng):
        x = points(rng, m, s)
        assert one(x, m, s) == [min(max(by_gemmlowp(int(v), m, s), WIDE.lo), WIDE.hi) for v in x]
        codes = Int(-5, 6)
        op = Rescale(np.array([m]), np.array([s]), codes, 2)
        cuts = op.cuts(0)
        assert op.evaluate(x).tolist() == [-5 + sum(c.holds(Fraction(int(v))) for c in cuts)
                                           for v in x]


@pytest.mark.parametrize(("slope", "offset"), [(1, 0), (-1, 7), (3, -(1 << 25)), (-(1 << 20), 5)])
def test_thresholds_of_many_channels(slope, offset):
    """Each corner is a channel: its codes count the thresholds that gemmlowp's own have."""
    rng = np.random.default_rng(rotating(1)[0])
    every, codes = corners(rng), Int(-5, 6)
    op, x = Rescale(*np.array(every).T, codes, 2), Int(-(1 << 32), 1 << 31)
    rows = rng.permutation(len(every))
    found = op.firsts(rows, np.full(len(rows), slope), np.full(len(rows), offset), x)
    for row, firsts, falls in zip(rows, *found, strict=True):
        m, s = every[row]
        assert (np.diff(firsts) >= 0).all() and x.lo <= firsts[0] <= firsts[-1] <= x.hi + 1
        near = {(int(v) - offset) // slope + d for v in points(rng, m, s)[::3] for d in (0, 1)}
        for n in {x.nearest(v) for v in near}:
            word = min(max(slope * n + offset, WORD[0]), WORD[1])
            reached = int((firsts <= n).sum())
            assert codes.nearest(by_gemmlowp(word, m, s) + 2) == (
                codes.hi - reached if falls else codes.lo + reached)


def test_when_channels_are_one_by_one():
    """Those that round once, and those that do not depend on the integer."""
    one, once = (Rescale(np.array([1 << 30]), np.array([0]), Int(-5, 6), single=single)
                 for single in (False, True))
    nothing = np.zeros(1, np.int64)
    assert one.firsts(nothing, nothing, nothing, Int(0, 9)) is None
    assert once.firsts(nothing, nothing + 1, nothing, Int(0, 9)) is None


def test_as_sixteen_bits():
    """The reduced multiplier, for accumulators of up to 48 bits, and the thresholds."""
    rng = np.random.default_rng(rotating(1)[0])
    for m, s in corners(rng):
        if m < 0 or s > 7:
            continue
        x = [*points(rng, m, s).tolist(), *rng.integers(-(1 << 47), 1 << 47, 20).tolist()]
        codes = Int(-40000, 40000)
        want = [codes.nearest(by_sixteen_bits(v, m, s)) for v in x]
        assert one(x, reduced(m), s, codes, single=True) == want
        op = Rescale(np.array([reduced(m)]), np.array([s]), Int(-3, 3), single=True)
        cuts = op.cuts(0)
        assert op.evaluate(np.array(x)).tolist() == [
            -3 + sum(c.holds(Fraction(v)) for c in cuts) for v in x]


def test_channels():
    """Each has its own multiplier and shift; the output is worth scale * (code - zero)."""
    op = Rescale(np.array([1 << 30, -(1 << 30)]), np.array([1, -1]), Int(-128, 127), 5,
                 scale=Fraction(1, 4))
    assert op.evaluate(np.array([[8, 8], [-3., -3.]])).tolist() == [[13, 3], [2, 6]]
    assert op.infer(Tensor((3, 2))) == Tensor((3, 2), Int(-128, 127), Fraction(1, 4), Fraction(5))
    with pytest.raises(ModelError, match="for 2 channels"):
        op.infer(Tensor((3,)))
    for wrong in (Rescale(np.array([1 << 31]), np.array([0]), WIDE),
                  Rescale(np.array([1]), np.array([31]), WIDE)):
        with pytest.raises(ModelError, match="must"):
            wrong.infer(Tensor((1,)))

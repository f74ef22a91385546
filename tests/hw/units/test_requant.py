from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.num import Int, Rounding
from qhw.graph import Tensor
from qhw.ops import Requantize
from qhw.testing.stream import run
from tests.exact.test_num import nearest


@pytest.mark.parametrize("rounding", list(Rounding))
@pytest.mark.parametrize("stalls", [None, 5])
@pytest.mark.parametrize(("shift", "zero"), [(0, 0), (1, 3), (5, -2)])
def test_is_the_definition(rounding, stalls, shift, zero):
    """Against the formula in rationals, at every input, with both ends of the codes reached."""
    multiplier, offset, codes = np.array([3, -7, 1, 0]), np.array([0, 5, -9, 2]), Int(-8, 7)
    layer = Requantize(multiplier, offset, shift, codes, zero, rounding, pe=2)
    values = np.repeat(np.arange(-64, 65)[:, None], 4, axis=1)
    want = [[min(max(nearest(Fraction(int(n) * int(m) + int(a), 1 << shift), rounding) + zero,
                     codes.lo), codes.hi)
             for n, m, a in zip(row, multiplier, offset, strict=True)] for row in values]
    assert layer.evaluate(values).tolist() == want
    got, (i_times, o_times) = run(layer.unit(Tensor((4,), Int(-64, 64))),
                                  values.reshape(-1, 2).tolist(), stalls=stalls, times=True)
    assert np.reshape(got, values.shape).tolist() == want
    if stalls is None:
        assert o_times == [t + 1 for t in i_times]


@pytest.mark.parametrize("rounding", list(Rounding))
@pytest.mark.parametrize("first", [0, 2])
@pytest.mark.parametrize(("x", "shift", "zero"), [
    (Int(0, 90), 3, 1), (Int(-45, -3), 4, 2), (Int(-20, 60), 0, -3)], ids=str)
def test_multipliers_with_zeros_at_their_end(rounding, first, x, shift, zero):
    """All channels at once, so that multipliers are constants and their low zeros no logic; with a
    first shift it rounds half up there before it rounds again."""
    multiplier, offset = np.array([12, -8, 1, 0, -6]), np.array([-37, 5, 18, 3, 0])
    codes = Int(-30, 25)
    layer = Requantize(multiplier, offset, shift, codes, zero, rounding, first_shift=first, pe=5)
    values = np.repeat(np.arange(x.lo, x.hi + 1)[:, None], 5, axis=1)

    def code(n, m, a):
        once = nearest(Fraction(int(n) * int(m) + int(a), 1 << first), Rounding.HALF_UP)
        return codes.nearest(nearest(Fraction(once, 1 << shift), rounding) + zero)
    want = [[code(*each) for each in zip(row, multiplier, offset, strict=True)] for row in values]
    assert layer.evaluate(values).tolist() == want
    assert run(layer.unit(Tensor((5,), x)), values.tolist()) == want


@pytest.mark.parametrize("pe", [1, 3])
def test_products_of_more_than_64_bits(pe):
    """Codes of 16 bits of sums of 26 bits, folded and with multipliers as constants."""
    multiplier = np.array([(1 << 44) - 3, -(1 << 41) + 9, 12345678901])
    offset = np.array([-(1 << 66), (1 << 66) + 12345, -1], object)
    layer = Requantize(multiplier, offset, 52, Int(-32768, 32767), -7, Rounding.FLOOR, pe=pe)
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.integers(-(1 << 26), 1 << 26, (40, 3)),
                             [[1 << 26] * 3, [-(1 << 26)] * 3]])
    want = [[layer.codes.nearest(((int(n) * int(m) + int(a)) >> 52) - 7)
             for n, m, a in zip(row, multiplier, offset, strict=True)] for row in values]
    assert layer.evaluate(values).tolist() == want
    unit = layer.unit(Tensor((3,), Int(-(1 << 26), 1 << 26)))
    assert np.reshape(run(unit, values.reshape(-1, pe).tolist()), values.shape).tolist() == want


@pytest.mark.parametrize("multiplier", [0, 1, -1])
def test_a_lane_whose_code_is_always_the_same(multiplier):
    """floor((n * multiplier + offset) / 8) of n in 0..63, held to 1..3, for every offset."""
    n, seen = np.arange(64), set()
    for offset in range(-90, 100):
        layer = Requantize(np.array([multiplier]), np.array([offset]), 3, Int(1, 3), 0,
                           Rounding.FLOOR)
        same = len(set(np.clip((n * multiplier + offset) // 8, 1, 3).tolist())) == 1
        assert layer.unit(Tensor((1,), Int(0, 63))).fixed(0) == same, offset
        seen.add(same)
    assert seen == ({True, False} if multiplier else {True})


def test_a_fold_must_divide():
    layer = Requantize(np.ones(6, int), np.zeros(6, int), 0, Int(0, 1), pe=4)
    with pytest.raises(ValueError, match="PE must divide the 6 channels, and 4 does not"):
        layer.unit(Tensor((6,), Int(0, 1)))


@pytest.mark.parametrize("pe", [1, 2, 4])
@pytest.mark.parametrize(("x", "away"), [
    (Int(-60, 60), [0, 8, 24, 40]), (Int(-60, 60), [1, 1, 1, 1]), (Int(-60, 60), [4, 4, 4, 4]),
    (Int(0, 70), [0, 8, 24, 40]), (Int(-70, -1), [3, 5, 0, 1])], ids=str)
def test_what_negative_sums_lose(x, away, pe):
    """round((n - (n < 0) away) / 32) half up, of n = x multiplier + offset: by 1 it is half away
    from zero."""
    multiplier, offset, codes = np.array([5, -7, 9, 16]), np.array([3, 0, -40, 16]), Int(-9, 11)
    layer = Requantize(multiplier, offset, 5, codes, 2, pe=pe, away=np.array(away))
    values = np.repeat(np.arange(x.lo, x.hi + 1)[:, None], 4, axis=1)

    def code(x, m, b, a):
        n = int(x * m + b)
        if a == 1:
            return codes.nearest(nearest(Fraction(n, 32), Rounding.HALF_AWAY) + 2)
        return codes.nearest((n - (a if n < 0 else 0) + 16) // 32 + 2)
    want = [[code(*each) for each in zip(row, multiplier, offset, away, strict=True)]
            for row in values]
    assert layer.evaluate(values).tolist() == want
    got = run(layer.unit(Tensor((4,), x)), values.reshape(-1, pe).tolist(), stalls=5)
    assert np.reshape(got, values.shape).tolist() == want

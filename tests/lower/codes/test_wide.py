"""Multipliers of over 31 bits have the codes of exact arithmetic."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest

from qhw.exact.limbs import shifted
from qhw.exact.num import Int, Rounding
from qhw.exact.scaled import Steps
from qhw.graph import Tensor
from qhw.layers import Affine, BatchNorm, Clamp, LeakyRelu, Quantize, Relu, Sign
from qhw.lower.codes.thresholds import seen, thresholds
from qhw.lower.codes.wide import straight, wide

F = Fraction


def near(value):
    """A scale as files have it."""
    return F(float(np.float32(value)))


def test_lines_by_hand():
    """(2 (n - 3) / 2 - 1) / 4 + 1/2 is n / 4 - 1/2; of the second channel (-(n - 3) / 2 + 1) / 4 +
    1/2 is 9/8 - n / 8. Limits are left out."""
    x, op = Tensor((2,), Int(-20, 20), F(1, 2), F(3)), Quantize(Int(-5, 5), F(4))
    way = [Affine((F(2), F(-1)), (F(-1), F(1))), Relu(), Clamp(F(0), F(6))]
    assert straight(op, seen([*way, op], 2), x) == [(F(1, 4), F(-1, 2)), (F(-1, 8), F(9, 8))]
    down = Quantize(Int(-5, 5), F(4), rounding=Rounding.FLOOR)
    assert straight(down, seen([down], 2), x) == [(F(1, 8), F(-3, 8))] * 2
    assert straight(op, seen([LeakyRelu((F(1, 2),)), op], 2), x) is None
    assert straight(Sign(), seen([Sign()], 2), x) is None


def test_a_norm_has_a_line():
    """(n - 1) / 2 * 3 + 1, in steps of 1."""
    norm = BatchNorm(np.array([3.]), np.array([1.]), np.array([1.]), np.array([4.]), 0.0)
    op = Quantize(Int(0, 9), F(1))
    assert straight(op, seen([norm, op], 1), Tensor((1,), Int(0, 5))) == [(F(3, 2), F(0))]


@pytest.mark.parametrize("codes", [Int(0, 65535), Int(-32768, 32767), Int(-3000, 4000)], ids=str)
@pytest.mark.parametrize("slopes", [(3.1e-3, -2.2e-3), (.0171, 1.), (1.25, 2.**-7)], ids=str)
def test_every_threshold_is_exact(codes, slopes):
    """On both sides of each threshold, and at the ends, in rational arithmetic."""
    x = Tensor((2,), Int(-(1 << 23), 1 << 23), near(2.3e-5))
    op = Quantize(codes, near(1.7e-4), zero=codes.lo + 100, zero_last=True)
    way = [Affine(tuple(near(s) for s in slopes), (near(.37), near(-.021)))]
    ways = seen([*way, op], 2)
    lines, made = straight(op, ways, x), thresholds(op, ways, x)
    ends = np.full(2, x.value.lo), np.full(2, x.value.hi)
    found = wide(Steps.of(made.thresholds, made.flip, *ends, codes.lo - op.zero), lines)
    assert found is not None and found.bits <= 56 and found.rounding is Rounding.FLOOR
    at = made.thresholds.T[::97]
    for integers in (at, np.maximum(at - 1, x.value.lo), *(e[None] for e in ends)):
        integers = np.minimum(integers, x.value.hi)
        got = shifted(integers, found.multiplier, found.offset, found.shift)
        want = [[floor(a * int(n) + b) for n, (a, b) in zip(row, lines, strict=True)]
                for row in integers]
        lo, hi = codes.lo - op.zero, codes.hi - op.zero
        assert np.array_equal(np.clip(got, lo, hi), np.clip(np.array(want, object), lo, hi))


def test_the_least_shift_and_none():
    """Halves go to the even integer; thirds of 8 integers need few bits, and integers themselves
    none. Of sixths, 3/6 goes down and 9/6 up, which a number near 1/6 cannot do."""
    def found(slope, hi):
        x, op = Tensor((1,), Int(0, hi), slope), Quantize(Int(0, 9999), F(1))
        ways = seen([op], 1)
        made, ends = thresholds(op, ways, x), (np.array([0]), np.array([hi]))
        return wide(Steps.of(made.thresholds, made.flip, *ends, 0), straight(op, ways, x))

    half, one, third = found(F(1, 2), 100), found(F(1), 1000), found(F(1, 3), 7)
    assert (half.multiplier.tolist(), half.offset.tolist(), half.shift) == ([1], [0], 1)
    assert half.rounding is Rounding.HALF_EVEN
    assert (one.multiplier.tolist(), one.offset.tolist(), one.shift) == ([1], [0], 0)
    assert 0 < third.shift <= 5
    assert [(n * third.multiplier[0] + third.offset[0]) >> third.shift for n in range(8)] == [
        0, 0, 1, 1, 1, 2, 2, 2]
    assert found(F(1, 6), 9) is None

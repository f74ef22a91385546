"""Sums of two branches have the codes of the real sum, everywhere."""

from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.cuts import Cuts
from qhw.exact.num import Int, Rounding
from qhw.layers import Quantize
from qhw.lower.codes.meetings import Branch, meet, meet_of_tables
from tests.exact.test_num import nearest

from ...seeds import rotating

F = Fraction


def through(slope, offset):
    return [partial(lambda a, b, cuts: cuts.through_affine(a, b), slope, offset)]


def check(op, one, two, behind=lambda v: v, cuts=None):
    """What is found, which is right for every pair of integers."""
    cuts = op.every if cuts is None else cuts
    mets = meet(cuts, through(one.slope, one.offset), one, two)
    for met in mets[1:]:
        assert abs(met.factors[0]) >= abs(mets[0].factors[0])
        right(met, op, one, two, behind)
    return right(mets[0], op, one, two, behind)


def right(met, op, one, two, behind):
    m, n = met.factors
    reach = met.sums(one.x, two.x)
    for y in range(two.x.lo, two.x.hi + 1):
        for x in range(one.x.lo, one.x.hi + 1):
            v = behind(one.slope * x + one.offset + two.slope * y + two.offset)
            want = op.codes.nearest(nearest(v / op.scale, op.rounding) + op.zero)
            count = int((m * x + n * y >= met.thresholds).sum())
            got = op.codes.hi - count if met.falls else op.codes.lo + count
            assert got == want and reach.lo <= m * x + n * y <= reach.hi, (x, y)
    return met


@pytest.mark.parametrize("seed", rotating(4))
@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_scales_of_float32(seed, signs):
    """Factors of a few bits, where a common step has more than twenty."""
    rng = np.random.default_rng(seed)
    a, b, step = (F(float(np.float32(v))) for v in rng.uniform(.02, .1, 3))
    one, two = (Branch(Int(-20, 30), sign * slope, -slope * int(zero)) for sign, slope, zero in zip(
        signs, (a, b), rng.integers(-20, 20, 2), strict=True))
    op = Quantize(Int(-20, 20), step, 3, zero_last=True)
    met = check(op, one, two)
    assert max(map(abs, met.factors)) < 1 << 12 and met.falls == (signs[0] < 0)
    relu = check(op, one, two, lambda v: max(v, F(0)), op.every.through_relu())
    assert max(map(abs, relu.factors)) < 1 << 12
    check(op, one, two, lambda v: -v / 3, op.every.through_affine(F(-1, 3), F(0)))


@pytest.mark.parametrize("rounding", [Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.HALF_AWAY])
def test_ties(rounding):
    """Halves of a step in many pairs, where only the exact ratio is right."""
    one, two = Branch(Int(-12, 12), F(3, 14), F(0)), Branch(Int(-12, 12), F(5, 14), F(0))
    op = Quantize(Int(-9, 9), F(1, 7), rounding=rounding)
    assert check(op, one, two).factors == (3, 5)


@pytest.mark.parametrize(("a", "b"), [(F(0), F(1, 3)), (F(1, 3), F(0)), (F(0), F(-2, 3)),
                                      (F(0), F(0))])
def test_a_branch_that_is_constant(a, b):
    check(Quantize(Int(-3, 3), F(1, 2)), Branch(Int(-4, 4), a, F(1)), Branch(Int(-4, 4), b, F(-1)))


def test_codes_that_never_come_or_always():
    check(Quantize(Int(-9, 90), F(1, 2)), Branch(Int(0, 9), F(1, 3), F(5)),
          Branch(Int(0, 4), F(2, 7), F(5)))


def test_sums_that_are_too_wide():
    """The exact ratio is needed, and has 70 bits."""
    a = F(1, 3 ** 45)
    cuts = Cuts.of([(F(1) + a * k, False) for k in range(2)])
    with pytest.raises(ModelError, match="more than 61 bits"):
        meet(cuts, through(a, F(0)), Branch(Int(-9, 9), a, F(0)),
             Branch(Int(-1, 1), F(1), F(0)))


def test_tables():
    """Codes of x and y are looked up, added, and compared, as they are when tables are straight."""
    x, y, codes = np.arange(-30, 31), np.arange(-20, 21), np.arange(1, 40)
    one, two = x * 7919 + 3 * (x > 5), y * -12553
    met, *_ = meet_of_tables(codes * 20011, (Int(-30, 30), one), (Int(-20, 20), two))
    want = ((one[:, None] + two)[..., None] >= codes * 20011).sum(axis=-1)
    m, n = met.factors
    got = ((m * x[:, None] + n * y)[..., None] >= met.thresholds).sum(axis=-1)
    assert np.array_equal(got, want) and max(m, -n) < 1 << 10
    assert met.falls is False and (met.before < met.behind).all()


@pytest.mark.parametrize("table", [[0, 5, 5], [9, 5, 1], [4]])
def test_tables_that_do_not_rise(table):
    one, two = (Int(0, len(table) - 1), np.array(table)), (Int(0, 1), np.array([0, 9]))
    assert meet_of_tables(np.array([3, 7]), one, two) == []

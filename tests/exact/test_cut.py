"""Thresholds against a decision made another way: by squares, in rationals."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qhw.exact.cut import Cut
from qhw.exact.num import Rounding

fractions = st.fractions(-50, 50, max_denominator=64)
positive = st.fractions(Fraction(1, 64), 50, max_denominator=64)


def sign_of(a: Fraction, b: Fraction, r: Fraction) -> int:
    """The sign of a + b * sqrt(r), by comparing squares."""
    if a >= 0 and b >= 0 or a <= 0 and b <= 0:
        return (a > 0 or b > 0 and r > 0) - (a < 0 or b < 0 and r > 0)
    difference = a * a - b * b * r
    size = (difference > 0) - (difference < 0)
    return size if a > 0 else -size


def holds(cut: Cut, n: int) -> bool:
    """What a cut says of an integer, from where it says the change is."""
    if cut.always is not None:
        return cut.always
    return (n >= cut.first()) != cut.falling


@given(fractions, fractions, positive, st.booleans())
def test_first_is_the_first(p, q, r, strict):
    n = Cut(p, strict, ((q, r),)).first()
    reached = [sign_of(k - p, -q, r) > 0 or (not strict and sign_of(k - p, -q, r) == 0)
               for k in (n - 1, n)]
    assert reached == [False, True]


@given(fractions, st.booleans(), fractions, fractions, st.integers(-80, 80))
def test_affine(t, strict, slope, offset, n):
    v = slope * n + offset
    cut = Cut(t, strict).through_affine(slope, offset)
    assert holds(cut, n) == (v > t or v == t and not strict)


@given(fractions, st.booleans(), fractions, fractions, fractions, positive, st.integers(-80, 80),
       fractions, fractions)
def test_norm_behind_an_affine(t, strict, gamma, beta, mean, variance, n, slope, offset):
    """gamma (s n + o - mean) / sqrt(variance) + beta >= t."""
    top = gamma * (slope * n + offset - mean)
    sign = sign_of(top, beta - t, variance)
    cut = Cut(t, strict).through_norm(gamma, beta, mean, variance).through_affine(slope, offset)
    assert holds(cut, n) == (sign > 0 or sign == 0 and not strict)


@given(fractions, st.booleans(), st.booleans(), st.sampled_from(Rounding), fractions)
def test_rounding(t, strict, falling, rounding, v):
    """As numbers of few binary digits are rounded in floating point."""
    v, t = Fraction(round(8 * v), 8), Fraction(round(8 * t), 8)
    whole = int(rounding.real(np.array(float(v))))
    cut = Cut(t, strict, falling=falling).through_rounding(rounding)
    assert cut.holds(v) == ((whole > t or whole == t and not strict) != falling)


@given(fractions, st.booleans(), fractions.filter(bool), st.integers(-80, 80))
def test_relu_behind_an_affine(t, strict, slope, n):
    v = max(slope * n, Fraction(0))
    cut = Cut(t, strict).through_relu().through_affine(slope, Fraction(0))
    assert holds(cut, n) == (v > t or v == t and not strict)


@pytest.mark.parametrize(("gamma", "fires"), [(Fraction(1, 2), [1, 2, 3]),
                                              (Fraction(-1, 2), [-1, 0, 1]),
                                              (Fraction(0), [-1, 0, 1, 2, 3])])
def test_sign_of_batch_norm_by_hand(gamma, fires):
    """mean 1, sigma 2, beta 0: gamma > 0 fires from 1 on, gamma < 0 up to 1, gamma = 0 always."""
    cut = Cut(Fraction(0)).through_norm(gamma, Fraction(0), Fraction(1), Fraction(4))
    assert [n for n in range(-1, 4) if holds(cut, n)] == fires


def test_a_tie_of_an_irrational_root_cannot_be():
    """n >= sqrt(2) first holds at 2, n >= sqrt(4) at 2, n > sqrt(4) at 3."""
    at = [Cut(Fraction(0), strict, ((Fraction(1), Fraction(r)),)).first()
          for r, strict in ((2, False), (2, True), (4, False), (4, True))]
    assert at == [2, 2, 2, 3]


def test_a_third_of_a_step():
    """a = 1/3, b = 1/7, threshold 5/4: 3 is below it, 4 is not."""
    assert Cut(Fraction(5, 4)).through_affine(Fraction(1, 3), Fraction(1, 7)).first() == 4


def test_two_norms_by_hand():
    """x / sqrt(6) + 1 >= 3 from 2 sqrt(6) = 4.899 on; x / sqrt(2) / sqrt(8) >= 1 from 4 on."""
    once = Cut(Fraction(3)).through_norm(*map(Fraction, (1, 1, 0, 3)))
    assert once.through_norm(*map(Fraction, (1, 0, 0, 2))).first() == 5
    once = Cut(Fraction(1)).through_norm(*map(Fraction, (1, 0, 0, 8)))
    assert once.through_norm(*map(Fraction, (1, 0, 0, 2))).first() == 4


@given(st.lists(st.tuples(fractions, st.integers(1, 30)), min_size=1, max_size=4), fractions,
       st.booleans())
def test_sums_of_roots(roots, p, strict):
    """Against sixty digits of decimal arithmetic."""
    from decimal import Decimal, localcontext
    with localcontext() as context:
        context.prec = 60
        value = Decimal(p.numerator) / p.denominator + sum(
            Decimal(q.numerator) / q.denominator * Decimal(r).sqrt() for q, r in roots)
        n = Cut(p, strict, tuple((q, Fraction(r)) for q, r in roots)).first()
        near = Decimal(10) ** -40
        if abs(value - round(value)) > near:
            assert n - 1 < value < n
        else:
            assert n == round(value) + strict

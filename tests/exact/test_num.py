from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qhw.exact.num import Int, Rounding, round_shift
from qhw.pe.gates import adder_tree

ints = st.tuples(st.integers(-300, 300), st.integers(-300, 300)).map(lambda t: Int(*sorted(t)))


@given(ints, ints, st.data())
def test_intervals_hold_what_they_say(a, b, data):
    x, y = data.draw(st.integers(a.lo, a.hi)), data.draw(st.integers(b.lo, b.hi))
    for made, value in ((a * b, x * y), (a + b, x + y), (a | b, x), (a | b, y)):
        assert made.lo <= value <= made.hi
        assert made.shape.width >= max(1, max(value, ~value).bit_length() + (made.lo < 0))
    assert (a * b).lo in {i * j for i in (a.lo, a.hi) for j in (b.lo, b.hi)}


@pytest.mark.parametrize(("interval", "width", "signed"), [
    (Int(0, 0), 1, False), (Int(0, 1), 1, False), (Int(0, 16), 5, False), (Int(-1, 0), 2, True),
    (Int(-8, 7), 4, True), (Int(-9, 0), 5, True), (Int(5, 7), 3, False), (Int(-8, -3), 4, True)])
def test_widths(interval, width, signed):
    assert (interval.width, interval.shape.signed) == (width, signed)


@pytest.mark.parametrize(("interval", "size", "times", "near"), [
    (Int(-8, 7), 8, Int(-24, 21), (-8, -3, 7)), (Int(-3, 9), 9, Int(-9, 27), (-3, -3, 9)),
    (Int(2, 5), 5, Int(6, 15), (2, 2, 5)), (Int(-5, -4), 5, Int(-15, -12), (-5, -4, -4))])
def test_size_three_times_and_nearest(interval, size, times, near):
    """Nearest to -10, -3 and 10."""
    assert (interval.size, interval.times(3)) == (size, times)
    assert tuple(map(interval.nearest, (-10, -3, 10))) == near


def test_of_bits():
    assert Int.of_bits(4, signed=True) == Int(-8, 7)
    assert Int.of_bits(4, signed=True, narrow=True) == Int(-7, 7)
    assert Int.of_bits(2, signed=False) == Int(0, 3)


def test_an_interval_must_not_be_empty():
    with pytest.raises(ValueError, match=r"Interval must not be empty, got 3\.\.2"):
        Int(3, 2)


def test_check():
    with pytest.raises(ValueError, match=r"Values must be in 0\.\.3, not -1\.\.2"):
        Int(0, 3).check(np.array([-1, 2]))


ROUNDED = {     # -2.5 -1.5 -1.25 -0.5 0.5 0.75 1.5 2.5, by the rule's definition
    Rounding.HALF_UP: [-2, -1, -1, 0, 1, 1, 2, 3],
    Rounding.HALF_EVEN: [-2, -2, -1, 0, 0, 1, 2, 2],
    Rounding.HALF_AWAY: [-3, -2, -1, -1, 1, 1, 2, 3],
    Rounding.HALF_ZERO: [-2, -1, -1, 0, 0, 1, 1, 2],
    Rounding.FLOOR: [-3, -2, -2, -1, 0, 0, 1, 2],
    Rounding.CEIL: [-2, -1, -1, 0, 1, 1, 2, 3],
    Rounding.AWAY: [-3, -2, -2, -1, 1, 1, 2, 3],
    Rounding.ZERO: [-2, -1, -1, 0, 0, 0, 1, 2],
}


@pytest.mark.parametrize("rounding", list(Rounding))
def test_rounding_table(rounding):
    reals = np.array([-2.5, -1.5, -1.25, -0.5, 0.5, 0.75, 1.5, 2.5])
    assert rounding.real(reals).tolist() == ROUNDED[rounding]
    assert round_shift((reals * 4).astype(int), 2, rounding).tolist() == ROUNDED[rounding]


def nearest(x: Fraction, rounding: Rounding) -> int:
    """The definition, in rationals."""
    below, above = floor(x), -floor(-x)
    directed = {Rounding.FLOOR: below, Rounding.CEIL: above,
                Rounding.AWAY: above if x > 0 else below, Rounding.ZERO: below if x > 0 else above}
    if rounding in directed:
        return directed[rounding]
    if x - below != Fraction(1, 2):
        return below if x - below < Fraction(1, 2) else above
    return {Rounding.HALF_UP: above, Rounding.HALF_EVEN: below + below % 2,
            Rounding.HALF_AWAY: below + (x > 0), Rounding.HALF_ZERO: below + (x < 0)}[rounding]


@given(st.integers(-10**6, 10**6), st.integers(0, 12), st.sampled_from(list(Rounding)))
def test_round_shift_is_the_definition(n, shift, rounding):
    assert round_shift(n, shift, rounding) == nearest(Fraction(n, 1 << shift), rounding)


@given(st.integers(-9, 9), st.fractions(-10, 10, max_denominator=4),
       st.sampled_from(list(Rounding)))
def test_where_a_code_is_reached(k, x, rounding):
    edge, strict = rounding.reaches(k)
    assert (x > edge if strict else x >= edge) == (nearest(x, rounding) >= k)


@given(st.lists(st.integers(-99, 99), min_size=1, max_size=40))
def test_adder_tree_adds(terms):
    assert adder_tree(terms) == sum(terms)

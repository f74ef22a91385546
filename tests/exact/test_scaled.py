"""Multipliers, offsets and shifts against the step functions that they are to be, everywhere."""

from fractions import Fraction
from itertools import count

import numpy as np
import pytest

from qhw.exact.num import Int, Rounding, round_shift
from qhw.exact.scaled import Scaled, Steps, scaled

from ..seeds import rotating
from .test_num import nearest


def steps_of(tables, lo, lowest, highest):
    """The steps of tables (channels, integers) of codes, monotone; ``lo`` is the first integer."""
    falls = np.array([t[0] > t[-1] for t in tables])
    rows = []
    for table, fall in zip(tables, falls, strict=True):
        reached = [[n >= k for n in table] for k in range(lowest + 1, highest + 1)]
        rows.append(sorted(lo + sum(r) if fall else lo + len(table) - sum(r) for r in reached))
    ends = (np.full(len(tables), lo + k) for k in (0, len(tables[0]) - 1))
    return Steps.of(np.array(rows), falls, *ends, lowest)


def codes_of(found: Scaled, channel, x, codes: Int):
    """By the definition, in Python's integers."""
    n = int(found.multiplier[channel]) * x + int(found.offset[channel])
    if found.away is not None:
        n, rounding = n - int(found.away[channel]) * (n < 0), Rounding.HALF_UP
        assert found.rounding == rounding
    return codes.nearest(round_shift(n, found.shift, found.rounding))


def check(tables, lo, lowest, highest):
    """What is found is right everywhere."""
    steps = steps_of(tables, lo, lowest, highest)
    found = scaled(steps)
    if found is not None:
        for c, table in enumerate(tables):
            got = [codes_of(found, c, lo + k, steps.interval) for k in range(len(table))]
            assert got == table, (c, found)
    return found


def table(value, codes, lo, hi, rounding=Rounding.HALF_UP):
    return [codes.nearest(nearest(value(n), rounding)) for n in range(lo, hi + 1)]


@pytest.mark.parametrize("rounding", [Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.HALF_AWAY,
                                      Rounding.FLOOR])
@pytest.mark.parametrize("seed", rotating(3))
def test_lines(seed, rounding):
    """Slopes of float32 have no ties, or few; each is found, and so are falling ones."""
    rng = np.random.default_rng(seed)
    codes, lo = Int(-20, 21), int(rng.integers(-400, 0))
    slopes = [Fraction(float(np.float32(s))) for s in rng.uniform(-.2, .2, 4)]
    starts = [Fraction(float(np.float32(s))) for s in rng.uniform(-9, 9, 4)]
    tables = [table(lambda n, a=a, b=b: a * n + b, codes, lo, lo + 700, rounding)
              for a, b in zip(slopes, starts, strict=True)]
    assert check(tables, lo, codes.lo, codes.hi) is not None


@pytest.mark.parametrize("slope", [Fraction(1, 2), Fraction(3, 8), Fraction(-5, 4), Fraction(1)])
@pytest.mark.parametrize("rounding", [Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.HALF_AWAY])
def test_slopes_with_ties(slope, rounding):
    """A shift of the slope's own, and the rounding that the ties want."""
    found = check([table(lambda n: slope * n, Int(-30, 30), -100, 100, rounding)], -100, -30, 30)
    assert found is not None and found.shift <= 3


@pytest.mark.parametrize("slope", [Fraction(1, 2), Fraction(3, 8)])
def test_ties_towards_zero_add_nothing_to_negative_sums(slope):
    """The unit only takes from them."""
    found = check([table(lambda n: slope * n, Int(-30, 30), -100, 100, Rounding.HALF_ZERO)], -100,
                  -30, 30)
    assert found is None or found.away is None or (found.away >= 0).all()


def test_ties_of_thirds_to_even_have_none():
    """n / 6: the codes change at 4, 9, 16, 21, ...: 5, 7, 5, 7 apart."""
    assert check([table(lambda n: Fraction(n, 6), Int(0, 30), 0, 200, Rounding.HALF_EVEN)], 0, 0, 30
                 ) is None


def test_two_slopes_have_none():
    """A leaky relu."""
    def leaky(n):
        return Fraction(n, 3) if n > 0 else Fraction(n, 9)
    assert check([table(leaky, Int(-30, 30), -100, 100)], -100, -30, 30) is None


def twice(n, multiplier, right):
    high = nearest(Fraction(n * multiplier, 1 << 31), Rounding.HALF_UP)
    return nearest(Fraction(high, 1 << right), Rounding.HALF_AWAY)


@pytest.mark.parametrize("seed", rotating(3))
@pytest.mark.parametrize("codes", [Int(-25, 30), Int(0, 40), Int(-40, 0), Int(-40, -3), Int(3, 9)],
                         ids=str)
def test_two_roundings(codes, seed):
    """gemmlowp's jump at zero, with a shift of each channel's own."""
    rng = np.random.default_rng(seed)
    tables = [[codes.nearest(twice(n, int(m) * sign, int(r))) for n in range(-500, 500)]
              for m, r, sign in zip(rng.integers(1 << 30, 1 << 31, 4), rng.integers(1, 6, 4),
                                    (1, 1, -1, 1), strict=True)]
    assert check(tables, -500, codes.lo, codes.hi) is not None


def least(wanted, lo):
    """The least shift of floors that are clipped to the codes in ``wanted``, by trying all small
    multipliers and offsets."""
    codes, x = Int(min(wanted), max(wanted)), lo + np.arange(len(wanted))
    for shift in count():
        offsets = np.arange(-8 << shift, 8 << shift)[:, None]
        for m in range(1 << shift + 1):
            got = np.clip(m * x + offsets >> shift, codes.lo, codes.hi)
            if (got == wanted).all(axis=1).any():
                return shift


@pytest.mark.parametrize("seed", rotating(3))
def test_the_least_shift(seed):
    """There is no smaller one of floors; another rounding is taken if its shift is smaller yet."""
    rng = np.random.default_rng(seed)
    codes, a, b = Int(-3, 3), Fraction(int(rng.integers(20, 90)), 100), Fraction(
        int(rng.integers(-100, 100)), 100)
    wanted = table(lambda n: a * n + b, codes, -6, 6)
    found = check([wanted], -6, -3, 3)
    floors = least(wanted, -6)
    assert found.shift == floors if found.rounding == Rounding.FLOOR else found.shift < floors


def test_one_multiplier_for_all_channels():
    """Of channels that differ in their start alone; and each its own where slopes differ."""
    a = Fraction(1234567, 1 << 25)
    same = check([table(lambda n, b=b: a * n + b, Int(-9, 9), -300, 300)
                  for b in (Fraction(1, 3), Fraction(-2), Fraction(5, 7))], -300, -9, 9)
    assert len(set(same.multiplier.tolist())) == 1
    other = check([table(lambda n, s=s: s * a * n, Int(-9, 9), -300, 300) for s in (1, 2)],
                  -300, -9, 9)
    assert len(set(other.multiplier.tolist())) == 2


def test_channels_that_never_change():
    """Constant ones, at an end or between, beside one that does."""
    tables = [[2] * 50, [0] * 50, [7] * 50, table(lambda n: Fraction(n, 5), Int(0, 7), 0, 49)]
    assert check(tables, 0, 0, 7) is not None
    assert steps_of(tables[:1], 0, 0, 7).interval == Int(2, 2)


def test_wide_integers():
    """Sums of 28 bits with 16-bit codes: at all edges and next to them."""
    slope, rng = Fraction(float(np.float32(.00031))), np.random.default_rng(rotating(1)[0])
    codes, hi = Int(-32768, 32767), (1 << 28) - 1
    edges = np.array([-(-Fraction(2 * k - 1, 2) // slope)
                      for k in range(codes.lo + 1, codes.hi + 1)])
    steps = Steps.of(edges[None].astype(np.int64), np.array([False]), np.array([-hi]),
                     np.array([hi]), codes.lo)
    found = scaled(steps)
    assert found is not None and int(found.multiplier[0]).bit_length() <= 31
    for x in [*rng.choice(edges, 500).tolist(), -hi, hi]:
        for n in (x - 1, x, x + 1):
            assert codes_of(found, 0, n, steps.interval) == codes.nearest(
                nearest(slope * n, Rounding.HALF_UP))

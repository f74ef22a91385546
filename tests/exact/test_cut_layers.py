"""Cuts pulled back through every kind of layer, against the layer itself on a grid of values."""

from fractions import Fraction
from itertools import product

import pytest

from qhw.exact.cut import Cut

GRID = [Fraction(n, 4) for n in range(-19, 20)]
LEVELS = [Fraction(n, 2) for n in range(-5, 6)]
CUTS = [Cut(t, strict, falling=falling) for t, strict, falling in product(
    LEVELS, (False, True), (False, True))] + [Cut.constant(True), Cut.constant(False)]


def meaning(cut, v):
    """A condition's truth by its definition, for thresholds without roots."""
    if cut.always is not None:
        return cut.always
    return (v > cut.p if cut.strict else v >= cut.p) != cut.falling


def leaky(slope):
    return lambda x: x if x >= 0 else slope * x




def clamp(lo, hi):
    def value(x):
        x = x if lo is None else max(x, lo)
        return x if hi is None else min(x, hi)
    return value


LAYERS = {
    "relu": (lambda c: c.through_relu(), lambda x: max(x, Fraction(0))),
    **{f"leaky {s}": (lambda c, s=s: c.through_leaky(s), leaky(s))
       for s in (Fraction(1, 4), Fraction(3), Fraction(0))},
    **{f"clamp {lo} {hi}": (lambda c, lo=lo, hi=hi: c.through_clamp(lo, hi), clamp(lo, hi))
       for lo, hi in ((Fraction(-1), Fraction(2)), (None, Fraction(2)), (Fraction(1), None),
                      (None, None), (Fraction(0), Fraction(3)))},
    **{f"affine {a} {b}": (lambda c, a=a, b=b: c.through_affine(a, b),
                           lambda x, a=a, b=b: a * x + b)
       for a, b in ((Fraction(2), Fraction(1)), (Fraction(-3, 2), Fraction(1)),
                    (Fraction(0), Fraction(1, 2)), (Fraction(0), Fraction(-3)))},
    **{f"norm {g}": (lambda c, g=g: c.through_norm(g, Fraction(1), Fraction(3, 2), Fraction(4)),
                     lambda x, g=g: g * (x - Fraction(3, 2)) / 2 + 1)
       for g in (Fraction(2), Fraction(-1), Fraction(0))},
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_cut_before_a_layer_is_the_cut_behind_it(name):
    pull, layer = LAYERS[name]
    for cut in CUTS:
        before = pull(cut)
        for x in GRID:
            assert before.holds(x) == meaning(cut, layer(x)), (cut, x)


@pytest.mark.parametrize("divisor", [1, 2, 3, 7])
def test_division_rounds_towards_0(divisor):
    for cut in CUTS:
        before = cut.through_division(divisor)
        for n in range(-23, 24):
            quotient = abs(n) // divisor * (1 if n > 0 else -1)
            assert before.holds(Fraction(n)) == meaning(cut, Fraction(quotient)), (cut, n)


@pytest.mark.parametrize(("cut", "first"), [
    (Cut(Fraction(3)), 3), (Cut(Fraction(3), True), 4), (Cut(Fraction(5, 2)), 3),
    (Cut(Fraction(5, 2), True), 3), (Cut(Fraction(-5, 2)), -2), (Cut(Fraction(-3), True), -2),
    # sqrt(2) = 1.41, sqrt(8) = 2.83: 1 + 1.41; 4 - 2.83; 1.41 + 2.83 = 4.24; their difference is
    # sqrt(2) again; 3 sqrt(2) - 1.5 sqrt(8) is 0.
    (Cut(Fraction(1), False, ((Fraction(1), Fraction(2)),)), 3),
    (Cut(Fraction(4), False, ((Fraction(-1), Fraction(8)),)), 2),
    (Cut(Fraction(0), False, ((Fraction(1), Fraction(2)), (Fraction(1), Fraction(8)))), 5),
    (Cut(Fraction(0), False, ((Fraction(-1), Fraction(2)), (Fraction(1), Fraction(8)))), 2),
    (Cut(Fraction(5), False, ((Fraction(3), Fraction(2)), (Fraction(-3, 2), Fraction(8)))), 5),
    (Cut(Fraction(5), True, ((Fraction(3), Fraction(2)), (Fraction(-3, 2), Fraction(8)))), 6),
    (Cut(Fraction(0), True, ((Fraction(2), Fraction(9, 4)),)), 4),      # 2 * 3 / 2 is 3
    (Cut(Fraction(0), False, ((Fraction(-1), Fraction(2)), (Fraction(-1), Fraction(3)))), -3),
])
def test_the_first_integer(cut, first):
    assert cut.first() == first


def test_a_root_near_an_integer_takes_more_digits():
    """sqrt(n^2 + 1) is 1 / 2n above n, and sqrt(n^2 - 1) as much below it."""
    n = 10 ** 30
    above = ((Fraction(1), Fraction(n * n + 1)),)
    below = ((Fraction(1), Fraction(n * n - 1)),)
    assert Cut(Fraction(0), roots=above).first() == n + 1
    assert Cut(Fraction(0), roots=below).first() == n
    assert Cut(Fraction(0), roots=((Fraction(-1), Fraction(n * n + 1)),)).first() == -n
    assert Cut(Fraction(0), roots=((Fraction(-1), Fraction(n * n - 1)),)).first() == -n + 1


def test_infinite_thresholds():
    assert Cut.at(float("inf")) == Cut.constant(False)
    assert Cut.at(float("-inf"), True) == Cut.constant(True)
    assert Cut.at(0.75, True) == Cut(Fraction(3, 4), True) and Cut.at(2.0) == Cut(Fraction(2))

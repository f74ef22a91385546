"""All cuts at once are those that come one by one."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qhw.exact.cut import Cut
from qhw.exact.cuts import Cuts
from qhw.exact.num import Rounding

from .test_cut import fractions, positive
from .test_cut_layers import LAYERS

EDGES = [(Fraction(n, 6), strict) for n in range(-25, 26) for strict in (False, True)]


def same(cuts, wanted):
    """Where each changes, which way, and what is constant."""
    firsts = cuts.firsts()
    assert len(cuts) == len(wanted)
    for cut, first, always, alone, want in zip(cuts, firsts, cuts.always, list(cuts), wanted,
                                               strict=True):
        assert alone.always == want.always == {1: True, -1: False, 0: None}[int(always)]
        if want.always is None:
            assert (alone.first(), first, cut.falling) == (want.first(), want.first(), want.falling)


@pytest.mark.parametrize("behind", LAYERS)
@pytest.mark.parametrize("name", LAYERS)
def test_through_two_layers(name, behind):
    (pull, _), (last, _) = LAYERS[name], LAYERS[behind]
    same(pull(last(Cuts.of(EDGES))), [pull(last(Cut(*edge))) for edge in EDGES])


@pytest.mark.parametrize("divisor", [1, 2, 7])
@pytest.mark.parametrize("name", LAYERS)
def test_through_a_division(name, divisor):
    pull, _ = LAYERS[name]
    same(Cuts.of(EDGES).through_division(divisor), [Cut(*e).through_division(divisor)
                                                   for e in EDGES])
    same(pull(Cuts.of(EDGES).through_division(divisor)),
         [pull(Cut(*e).through_division(divisor)) for e in EDGES])


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("name", LAYERS)
def test_through_a_rounding(name, rounding):
    pull, _ = LAYERS[name]
    same(pull(Cuts.of(EDGES).through_rounding(rounding)),
         [pull(Cut(*e).through_rounding(rounding)) for e in EDGES])
    same(pull(Cuts.of(EDGES)).through_rounding(rounding),
         [pull(Cut(*e)).through_rounding(rounding) for e in EDGES])


@given(st.lists(st.tuples(fractions, st.booleans()), min_size=1, max_size=5), fractions, fractions,
       fractions, positive, fractions, positive, fractions, fractions)
def test_through_norms(edges, gamma, beta, mean, variance, shrunk, other, slope, offset):
    """One has an irrational root and two have one or two of them; all before a relu."""
    norm = gamma, beta, mean, variance
    one, ones = Cuts.of(edges).through_norm(*norm), [Cut(*e).through_norm(*norm) for e in edges]
    same(one, ones)
    same(one.through_relu().through_affine(slope, offset),
         [c.through_relu().through_affine(slope, offset) for c in ones])
    again = shrunk, beta, mean, other
    same(one.through_norm(*again), [c.through_norm(*again) for c in ones])


def test_of_conditions_one_by_one():
    wanted = [Cut(*EDGES[0]), Cut.constant(True), Cut(*EDGES[-1]), Cut.constant(False)]
    cuts = Cuts.gathered(iter(wanted))
    same(cuts, wanted)
    assert Cuts.gathered(cuts) is cuts
    one = Fraction(1)
    for other in (Cut(one, falling=True), Cut(one, roots=((one, Fraction(2)),))):
        with pytest.raises(ValueError, match="stay one by one"):
            Cuts.gathered([other])


def test_roots_by_hand():
    """-x / sqrt(2) >= 1 up to -sqrt(2), above which the first integer is -1; x / sqrt(2) >= 1 from
    2 on; x / sqrt(9 / 4) >= 2 from 3 on."""
    one, zero = Fraction(1), Fraction(0)
    cuts = Cuts.of([(one, False), (2 * one, False)])
    for gamma, want in ((-one, [-1, -2]), (one, [2, 3])):
        assert cuts.through_norm(gamma, zero, zero, Fraction(2)).firsts().tolist() == want
    assert cuts.through_norm(one, zero, zero, Fraction(9, 4)).firsts().tolist() == [2, 3]


def test_integers_of_any_size():
    cuts = Cuts.of([(Fraction(k, 3), False) for k in (1, 2, 3)])
    cuts = cuts.through_affine(Fraction(1, 10**30), Fraction(0))
    assert cuts.firsts().tolist() == [10**30 // 3 + 1, 2 * 10**30 // 3 + 1, 10**30]
    assert np.array_equal(cuts.always, [0, 0, 0])

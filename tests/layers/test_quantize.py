"""Codes of real values: ties, where a zero point is added, signs, and what tables say."""

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from pydantic import ValidationError

from qhw.exact.num import Int, Rounding
from qhw.graph import Tensor
from qhw.layers import Codes, Input, Quantize, Sign
from qhw.layers.levels import minifloat
from tests.layers.stored import counted, made

HALF = Fraction(1, 2)


@pytest.mark.parametrize("zero", [-3, 0, 1, 2])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("rounding", Rounding)
def test_ties_in_numbers_and_in_thresholds(zero, last, rounding):
    """Halves of a step of 2, in exact rationals; the cuts count the same codes."""
    op = Quantize(Int(-6, 5), Fraction(2), zero, rounding, zero_last=last)
    x = np.arange(-20, 21)
    steps = [Fraction(int(n), 2) for n in x]
    add = (0, zero) if last else (zero, 0)
    want = [min(max(int(rounding.real(np.array(float(s + add[0])))) + add[1], -6), 5)
            for s in steps]
    assert op.evaluate(x.astype(float)).tolist() == want
    cuts = op.cuts(0)
    assert [-6 + sum(n >= c.first() for c in cuts) for n in x] == want


def test_a_scale_that_is_a_whole_number():
    """A model made in Python may have 4 for Fraction(4)."""
    whole, fraction = (Quantize(Int(-3, 4), scale, 1) for scale in (4, Fraction(4)))
    assert counted(whole, range(-20, 21)) == counted(fraction, range(-20, 21))


def test_by_hand():
    """Ties at -1/2, 1/2, 3/2 and zero point 1: to even and then one up, or one up and then to
    even."""
    x = np.array([-1., 1, 3])
    assert Quantize(Int(-8, 7), Fraction(2), 1, zero_last=True).evaluate(x).tolist() == [1, 1, 3]
    assert Quantize(Int(-8, 7), Fraction(2), 1).evaluate(x).tolist() == [0, 2, 2]


@pytest.mark.parametrize("zero", [0, 3])
@pytest.mark.parametrize("rounding", Rounding)
def test_the_inputs_rounding(zero, rounding):
    """A real input goes to the codes that a quantizer would give: by hand, halves of a step of 2.
    """
    x = np.array([[-3., -1, 1, 3, 5, -20, 20]])
    steps = [Fraction(int(n), 2) + zero for n in x[0]]
    whole = {"half-up": lambda n: floor(n + HALF), "half-even": round,
             "half-away": lambda n: floor(n + HALF) if n > 0 else ceil(n - HALF),
             "half-zero": lambda n: ceil(n - HALF) if n > 0 else floor(n + HALF),
             "floor": floor, "ceil": ceil, "zero": int,
             "away": lambda n: ceil(n) if n > 0 else floor(n)}[rounding]
    want = [min(max(whole(n), -8), 7) for n in steps]
    found = Input((7,), Int(-8, 7), Fraction(2), Fraction(zero), rounding).evaluate(x)
    assert found[0].tolist() == want


def test_formats():
    assert Quantize(Int(-8, 7), HALF, 3).format == Tensor((), Int(-8, 7), HALF, Fraction(3))
    assert Quantize(Int(0, 3), HALF).infer(Tensor((2, 5))) == Tensor((2, 5), Int(0, 3), HALF)
    assert Sign(Fraction(3)).format == Tensor((), Int(0, 1), Fraction(6), HALF)


@pytest.mark.parametrize(("of_zero", "want"), [(1, [0, 1, 1]), (-1, [0, 0, 1])])
def test_signs_and_their_cut(of_zero, want):
    """Bits of -scale and scale, of numbers below, at and above 0."""
    op = Sign(Fraction(3), of_zero)
    assert op.evaluate(np.array([-.1, 0, .1])).tolist() == want == counted(op, [-1, 0, 1])
    assert op.format.real(np.array([0, 1])).tolist() == [-3, 3]


def test_codes_on_the_host_are_integers():
    op = Codes(minifloat(2, 1))
    assert op.evaluate(np.array([[1.5, -2, 0]])).tolist() == [[6, -8, 0]]      # steps of 1/4
    assert op.infer(Tensor((3,), Int(0, 1))) == Tensor((3,))
    assert Codes(Quantize(Int(0, 7), HALF, 2)).evaluate(np.array([1.])).tolist() == [4]


def test_tables():
    op = made("quantize", bits=3, signed=True, narrow=True, scale="1/3", zero_point=1,
              rounding="ceil", multiplier_bits=9)
    assert op == Quantize(Int(-3, 3), Fraction(1, 3), 1, Rounding.CEIL, 9)
    assert made("quantize", range=[-2, 5]) == Quantize(Int(-2, 5), Fraction(1))
    assert made("sign") == Sign() == Sign(Fraction(1), 1)
    assert made("sign", scale=2, of_zero=-1) == Sign(Fraction(2), -1)


@pytest.mark.parametrize(("kind", "table", "field"), [
    ("quantize", {"bits": 9}, "bits"), ("quantize", {"bits": 1, "multiplier_bits": 1}, "multip"),
    ("quantize", {"bits": 1, "multiplier_bits": 25}, "multip"),
    ("sign", {"of_zero": 0}, "of_zero")])
def test_what_a_table_must_not_hold(kind, table, field):
    with pytest.raises(ValidationError, match=field):
        made(kind, **table)

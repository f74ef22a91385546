"""Where a zero point is added: before rounding, or after it."""

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest

from qhw.exact.num import Int, Rounding
from qhw.layers import Input, Quantize

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

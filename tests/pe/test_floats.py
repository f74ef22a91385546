"""Products of small floats without any rounding, by hand and in gates."""

import numpy as np
import pytest

from qhw.exact.formats import MiniFloat
from qhw.exact.num import Int
from qhw.pe import Floats

from .sums import agree, sums

FORM = MiniFloat(2, 1)


def test_what_codes_stand_for():
    """A sign, two bits of exponent and one of mantissa: (2 + m) << e, and 0 instead of 2."""
    assert Floats(FORM).weights(np.arange(8)[:, None]).ravel().tolist() == [
        0, 3, 4, 6, 8, 12, 16, 24]
    assert Floats(FORM).weights(np.arange(9, 16)[:, None]).ravel().tolist() == [
        -3, -4, -6, -8, -12, -16, -24]
    assert Floats(FORM).bits == 4 and len(Floats(FORM).codes) == 15


@pytest.mark.parametrize("x", [Int(0, 5), Int(-8, 7)], ids=str)
def test_times_integers_in_gates(x):
    agree(Floats(FORM), x, 3)


def test_times_floats_in_gates():
    """Every pair of codes, worth the product of what both stand for."""
    element, other = Floats(FORM, MiniFloat(3, 2)), MiniFloat(3, 2)
    w, x = (v.ravel() for v in np.meshgrid(FORM.codes, other.codes))
    want = FORM.decode(w) * other.decode(x)
    assert np.array_equal(sums(element, w[:, None, None], x[:, None], other).ravel(), want)

"""Radix-4 digits, by hand, by two's complement, and in gates."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.pe import Digits

from .sums import agree, sums


@pytest.mark.parametrize("bits", range(2, 9))
def test_codes_are_those_of_twos_complement(bits):
    codes = np.arange(1 << bits)
    want = np.where(codes < 1 << bits - 1, codes, codes - (1 << bits))
    assert Digits(bits, Int(0, 1)).weights(codes[:, None]).ravel().tolist() == want.tolist()


@pytest.mark.parametrize(("weight", "low", "high"), [(7, 1, 3), (-8, -2, -3), (0, -2, 1)])
def test_two_digits_by_hand(weight, low, high):
    """7 + 8 is 33 in radix 4, -8 + 8 is 00, and 0 + 8 is 20; the high digit counts twice."""
    assert low + 2 * high == weight
    above, below = divmod(weight + 8, 4)
    assert (low, high) == (below - 2, 2 * above - 3)


@pytest.mark.parametrize("x", [Int(0, 1), Int(0, 5), Int(0, 15), Int(-8, 7), Int(-3, 7),
                               Int(-1, 0)], ids=str)
@pytest.mark.parametrize("bits", [2, 3, 4, 5, 8])
def test_in_gates(bits, x):
    agree(Digits(bits, x), x, 5)


@pytest.mark.parametrize("x", [Int(0, 3), Int(-4, 3)], ids=str)
@pytest.mark.parametrize("bits", [2, 3, 4, 5])
def test_every_weight_times_every_activation(bits, x):
    element = Digits(bits, x)
    codes = np.repeat(np.arange(1 << bits), x.hi - x.lo + 1)
    xs = np.tile(np.arange(x.lo, x.hi + 1), 1 << bits)
    want = np.where(codes < 1 << bits - 1, codes, codes - (1 << bits)) * xs
    assert sums(element, codes[:, None, None], xs[:, None], x).ravel().tolist() == want.tolist()


def test_a_narrow_code_has_no_lowest_number():
    assert 8 not in Digits(4, Int(0, 3), narrow=True).codes
    assert len(Digits(4, Int(0, 3), narrow=True).codes) == 15


@pytest.mark.parametrize(("bits", "values"), [(2, 5), (3, 5), (4, 10), (8, 10)])
def test_three_times_x_is_made_once_if_a_digit_needs_it(bits, values):
    assert Digits(bits, Int(0, 3)).common_layout(Int(0, 3), 5).length == values

"""Radix-4 digits and pairs of products, by hand, by two's complement, and in gates."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.pe import Digits, Pairs

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


def test_a_pair_by_hand():
    """(3 + 2 * 64) * (1 + 3 * 64) has 3 * 3 + 2 * 1 in its middle field, of six bits."""
    assert Pairs(2, Int(0, 7)).field == 6
    assert (3 + 2 * 64) * (1 + 3 * 64) >> 6 & 63 == 3 * 3 + 2 * 1


@pytest.mark.parametrize("x", [Int(0, 3), Int(-4, 3), Int(0, 15), Int(-8, 7), Int(-3, 7)], ids=str)
@pytest.mark.parametrize("bits", [2, 3, 4, 5])
@pytest.mark.parametrize("lanes", [1, 2, 5, 8])
def test_pairs_in_gates(bits, x, lanes):
    agree(Pairs(bits, x), x, lanes)


@pytest.mark.parametrize("x", [Int(0, 3), Int(-2, 1), Int(-3, 1)], ids=str)
def test_every_two_weights_times_every_two_activations(x):
    """All of three bits, of two lanes."""
    every, xs = np.arange(8), np.arange(x.lo, x.hi + 1)
    grid = np.array(np.meshgrid(every, every, xs, xs)).reshape(4, -1).T
    values = np.where(every < 4, every, every - 8)
    want = (values[grid[:, :2]] * grid[:, 2:]).sum(1)
    assert sums(Pairs(3, x), grid[:, None, :2], grid[:, 2:], x).ravel().tolist() == want.tolist()


@pytest.mark.parametrize(("bits", "x", "fits"), [
    (4, Int(0, 15), True), (5, Int(0, 31), True), (4, Int(0, 63), False), (6, Int(0, 31), False),
    (8, Int(0, 1), False), (2, Int(-32, 31), True)])
def test_factors_of_16_bits(bits, x, fits):
    """A field of 5 + 5 + 1 bits and a number of 5 behind it are 16."""
    assert Pairs(bits, x).fits == fits

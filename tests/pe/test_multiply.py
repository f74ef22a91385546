"""Codes that become integers before they are multiplied: each way to decode, in gates."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.pe import Multiply
from qhw.pe.multiply import is_twos, straight

from .sums import agree

TWOS, UP = np.array([0, 1, 2, 3, -4, -3, -2, -1]), np.arange(-3, 5)
FEW, MANY = np.array([7, -2, 0, 5]), np.arange(20) ** 2 - 150


@pytest.mark.parametrize(("values", "twos", "first"), [
    (TWOS, True, None), (UP, False, -3), (FEW, False, None), (MANY, False, None)])
def test_how_a_code_is_decoded(values, twos, first):
    assert (is_twos(values), straight(values)) == (twos, first)
    assert Multiply(values).offset == first


@pytest.mark.parametrize("values", [TWOS, UP, FEW, MANY], ids=["twos", "up", "few", "many"])
@pytest.mark.parametrize("x", [Int(0, 5), Int(-8, 7)], ids=str)
def test_in_gates(values, x):
    agree(Multiply(values), x, 3)


def test_codes_that_are_not_used():
    element = Multiply(FEW, np.array([True, False, True, True]))
    assert (element.codes.tolist(), element.bits) == ([0, 2, 3], 2)

"""Batch normalization by shifts: Courbariaux et al.'s numbers, and where a power's half is."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.layers import ShiftNorm
from qhw.layers.shift_norm import ap2
from tests.layers.stored import made

F = Fraction
TWO = ShiftNorm(np.array([-.7, 5]), np.array([3., .5]), np.array([10., -2]), np.array([.0931, .3]))


def test_ap2_by_hand():
    z = np.array([.3, .7, 1.4, 1.5, 3, -5, .0931, 0])
    assert ap2(z).tolist() == [.25, .5, 1, 2, 4, -4, .125, 0]


@pytest.mark.parametrize("power", [-3, 0, 4])
def test_ap2_rounds_logarithms_at_the_root_of_a_half(power):
    root = 2.0**power * np.sqrt(2)
    assert ap2(np.array([root * (1 - 1e-9), root * (1 + 1e-9), 2.0**power])).tolist() == [
        2.0**power, 2.0**(power + 1), 2.0**power]


def test_by_hand():
    """27 * 2^-3 * -2^-1 + 3, where batch norm itself has 1.24041; 3 * 2^-2 * 2^2 + 1/2."""
    assert TWO.slope.tolist() == [-1 / 16, 1]
    assert TWO.evaluate(np.array([[37., 1]])).tolist() == [[1.3125, 3.5]]


def test_lines():
    assert TWO.line(0) == (F(-1, 16), F(3) + F(10, 16)) and TWO.line(1) == (1, F(5, 2))


def test_a_table():
    names = ("gamma", "beta", "mean", "inverse")
    op = made("shift_norm", {n: [float(k), k + .5] for k, n in enumerate(names, 1)})
    assert [getattr(op, n).tolist() for n in names] == [[k, k + .5] for k in (1, 2, 3, 4)]

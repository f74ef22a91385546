"""Sigmoids and tangents of every 16-bit number: near the real ones, rising, and even or odd."""

import numpy as np
import pytest

from qhw.exact.sigmoid import STEPS, lines, sigmoid, tanh

X = np.arange(-3 << 15, (3 << 15) + 1)


@pytest.mark.parametrize(("function", "real"), [
    (sigmoid, lambda x: 1 / (1 + np.exp(-x))), (tanh, np.tanh)])
def test_values_are_near_the_real_ones_and_rise(function, real):
    found = function(X)
    assert np.abs(found / 32768 - real(X / STEPS)).max() < 2e-4
    assert (np.diff(found) >= 0).all()


def test_both_are_symmetric_up_to_a_step():
    assert np.isin(sigmoid(X) + sigmoid(-X), (32767, 32768)).all()
    assert np.isin(tanh(X) + tanh(-X), (-1, 0)).all()


def test_ends():
    far = np.array([1 << 20, -(1 << 20), 0])
    assert sigmoid(far).tolist() == [32767, 1, 16384] and tanh(far).tolist() == [32767, -32767, 0]


def test_lines_are_a_table_of_16_bits_that_rises():
    base, growth = lines()
    assert (base >= 1 << 15).all() and (base < 1 << 16).all() and (growth >= 0).all()
    assert growth[0] == growth.max() and growth[-1] == 0

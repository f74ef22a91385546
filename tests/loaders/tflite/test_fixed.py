"""Fixed-point functions beside numpy's, and roundings and saturation by hand.

That they are the kernels' to the last bit is shown where the kernels are asked."""

import numpy as np
import pytest

from qhw.layers.rescale import WORD
from qhw.loaders.tflite import fixed
from qhw.loaders.tflite.fixed import ONE

HALF, QUARTER = 1 << 30, 1 << 29
RANDOM = np.random.default_rng(0).integers(0, 1 << 31, 5000)
POSITIVE = np.concatenate([RANDOM, np.arange(500), 1 << np.arange(31), [ONE]])
"""Of every magnitude, and both ends."""


@pytest.mark.parametrize(("a", "b", "made"), [
    (HALF, HALF, QUARTER), (-HALF, HALF, -QUARTER), (3, HALF, 2), (-3, HALF, -1), (1, HALF, 1),
    (1, QUARTER, 0), (ONE, ONE, ONE - 1), (WORD.lo, WORD.lo, ONE)])
def test_products_round_half_up_and_saturate(a, b, made):
    """1.5 is 2, -1.5 is -1, and -1 times -1 is as near to 1 as there is."""
    assert fixed.product(np.array([a]), b) == made


@pytest.mark.parametrize(("a", "bits", "made"), [
    (5, 0, 5), (5, 3, 40), (-5, 3, -40), (HALF - 1, 1, ONE - 1), (HALF, 1, WORD.hi),
    (-HALF, 1, WORD.lo), (-HALF - 1, 1, WORD.lo), (WORD.hi, 30, WORD.hi), (WORD.lo, 1, WORD.lo)])
def test_shifts_saturate(a, bits, made):
    assert fixed.shifted(np.array([a]), bits) == made


def near(found, bits, real, accuracy):
    """Whether numbers of so many integer bits are at most 2 ** -``accuracy`` from real ones."""
    return np.abs(found / 2.0 ** (31 - bits) - real).max() <= 2.0**-accuracy


@pytest.mark.parametrize("bits", [0, 4, 5])
def test_powers_of_e(bits):
    assert near(fixed.exp_negative(-POSITIVE, bits), 0, np.exp(-POSITIVE / 2.0 ** (31 - bits)), 22)
    assert fixed.exp_negative(np.array([0]), bits) == ONE


def test_inverses():
    assert near(fixed.inverse(POSITIVE), 0, 1 / (1 + POSITIVE / 2.0**31), 28)


def test_sigmoids_and_tangents():
    every = np.concatenate([POSITIVE, -POSITIVE])
    real = every / 2.0**27
    assert near(fixed.logistic(every, 4), 0, 1 / (1 + np.exp(-real)), 23)
    assert near(fixed.tanh(every, 4), 0, np.tanh(real), 22)
    assert fixed.logistic(np.array([0]), 4) == HALF and fixed.tanh(np.array([0]), 4) == 0


@pytest.mark.parametrize(("bits", "made"), [(12, 5), (12, 4), (5, 5)])
def test_logarithms(bits, made):
    every = np.maximum(POSITIVE, 1 << 31 - bits)
    assert near(fixed.log(every, bits, made), made, np.log(every / 2.0 ** (31 - bits)), 24)
    assert fixed.log(np.array([1 << 31 - bits]), bits, made) == 0


def test_zeros_above_the_highest_one():
    found = fixed.leading_zeros(np.array([1, 2, 3, (1 << 24) - 1, 1 << 30, ONE]))
    assert found.tolist() == [31, 30, 30, 8, 1, 1]

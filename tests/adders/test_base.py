"""A sum that all outputs share, by hand and among random signs."""

import numpy as np
import pytest

from qhw import adders
from qhw.adders.base import based
from qhw.exact.num import Int


def signs(seed, outputs, inputs):
    return np.random.default_rng(seed).choice([-1, 1], (outputs, inputs))


def test_rows_that_differ_in_one_input_each():
    """Of x0 + x1 + x2 + x3, the third row is the negative."""
    matrix = np.array([[1, 1, 1, -1], [-1, 1, 1, 1], [-1, -1, 1, -1], [1, 1, -1, 1]])
    base, times = based(matrix)
    assert (base * times[0]).tolist() == [1, 1, 1, 1]
    assert (times * times[0]).tolist() == [1, 1, -1, 1]


@pytest.mark.parametrize("scale", [1, 4, -3])
def test_of_random_signs_less_than_half_is_left(scale):
    matrix = scale * signs(0, 24, 40)
    base, times = based(matrix)
    left = matrix - times[:, None] * base
    assert set(np.abs(left).ravel()) == {0, 2 * abs(scale)}
    assert (left != 0).mean() < 0.45


@pytest.mark.parametrize("matrix", [
    np.zeros((3, 4), int), np.eye(6, dtype=int), np.array([[1, -1, 1]]),
    np.random.default_rng(0).choice([-1, 0, 1], (16, 16)),
    np.random.default_rng(0).integers(-8, 8, (16, 16))])
def test_other_matrices_have_none(matrix):
    assert based(matrix) is None


@pytest.mark.parametrize("family", ["", "ice40", "xc7"])
def test_sums_of_signs_are_small_and_exact(family):
    """Without the base 24 rows of 32 signs take over a quarter more."""
    matrix = signs(1, 24, 32)
    network = adders.compile(matrix, [Int(0, 3)] * 32, offsets=[*range(-12, 12)], family=family,
                             effort=20)
    x = np.random.default_rng(0).integers(0, 4, (200, 32))
    assert (network.evaluate(x) == x @ matrix.T + np.arange(-12, 12)).all()
    assert network.cost < 1000

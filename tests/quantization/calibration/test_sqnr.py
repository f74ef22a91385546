"""Optimal steps against published tables, and on samples of the distributions."""

import numpy as np
import pytest

from qhw.quantization.activations import parse_activation
from qhw.quantization.calibration import Histogram
from qhw.quantization.calibration.sqnr import Sqnr, step
from qhw.schemes.sqnr import STEPS


@pytest.mark.parametrize("bits", STEPS)
def test_gaussian_steps_are_those_of_lin_and_max(bits):
    assert step(1 << bits) == pytest.approx(STEPS[bits], abs=6e-4 if bits < 5 else 6e-5)


@pytest.mark.parametrize(("levels", "expected"), [
    (2, 1.4142), (4, 1.0873), (6, 0.8707), (8, 0.7309), (10, 0.6334), (16, 0.4609), (32, 0.2799)])
def test_laplacian_steps_are_those_of_textbooks(levels, expected):
    """Sayood, Introduction to Data Compression, table 9.3."""
    assert step(levels, "laplace") == pytest.approx(expected, abs=1.1e-4)


def seen(x):
    made = Histogram()
    made.see(x)
    return made


@pytest.mark.parametrize(("form", "x", "steps", "expected"), [
    ("s4", [-3, 3, -3, 3], 7, STEPS[4] * 3),                       # deviation 3
    ("u3", [0, 0, np.sqrt(8), np.sqrt(8)], 7, STEPS[4] * np.sqrt(8)),  # half of deviation sqrt(8)
    ("u4", [-1, 5], 15, STEPS[4] * 3)])                            # deviation 3 around 2
def test_the_interval_by_hand(form, x, steps, expected):
    lo, hi = Sqnr().interval(seen(np.array(x)), parse_activation(form))
    assert (hi if form[0] == "s" else hi - lo) / steps == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("shape", ["gaussian", "laplace"])
def test_its_own_distribution_is_clipped_best(shape):
    rng = np.random.default_rng(5)
    x = rng.normal(size=100_000) if shape == "gaussian" else rng.laplace(size=100_000)
    family = parse_activation("s4")

    def lost(hi):
        made = family.quantizer(-hi, hi)
        return np.square(made.format.real(made.evaluate(x)) - x).mean()
    _, hi = Sqnr(shape).interval(seen(x), family)
    assert lost(hi) < 1.05 * min(lost(x.max() * k / 100) for k in range(1, 101))
    assert lost(hi) < lost(hi * 1.5) and lost(hi) < lost(hi / 1.5)


def test_uneven_steps_are_refused():
    with pytest.raises(ValueError, match="sqnr is for even steps; use mse"):
        Sqnr().interval(seen(np.array([1.0])), parse_activation("log"))

"""Ranges and percentiles against numpy's."""

import numpy as np
import pytest

from qhw.quantization.activations.uniform import Unsigned
from qhw.quantization.calibration import Histogram
from qhw.quantization.calibration.range import MinMax, Percentile


def seen(x):
    made = Histogram()
    made.see(x)
    return made


def test_the_range_is_exact():
    x = np.random.default_rng(0).normal(size=1000)
    assert MinMax().interval(seen(x), Unsigned(8)) == (x.min(), x.max())


@pytest.mark.parametrize("percent", [50, 90, 99, 99.9, 100])
def test_percentiles_of_whole_numbers_are_numpys(percent):
    x = np.random.default_rng(1).integers(-300, 2000, 3001)
    expected = np.percentile(x, [100 - percent, percent], method="inverted_cdf")
    assert Percentile(percent).interval(seen(x), Unsigned(8)) == tuple(expected)


def test_percentiles_of_reals_are_within_a_bin():
    x = np.random.default_rng(2).laplace(size=20000)
    found = Percentile(99.5).interval(seen(x), Unsigned(8))
    expected = np.percentile(x, [0.5, 99.5], method="inverted_cdf")
    assert np.abs(expected - found).max() < 2 * 2.0 ** np.ceil(np.log2(np.abs(x).max())) / 4096

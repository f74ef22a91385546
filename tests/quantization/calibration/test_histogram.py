"""Histograms: counts by hand, and numbers in any order and in any batches."""

import numpy as np
import pytest

from qhw.quantization.calibration import Histogram
from qhw.quantization.calibration.histogram import BINS


def seen(*batches):
    made = Histogram()
    for batch in batches:
        made.see(np.array(batch))
    return made


def test_whole_numbers_have_bins_of_their_own():
    made = seen([3, 3000, 3, -7], [0, 0, 0, -7])
    assert made.values.tolist() == [-7, 0, 3, 3000]
    assert made.counts.tolist() == [2, 3, 2, 1]
    assert (made.lo, made.hi, made.count) == (-7, 3000, 8)
    assert made.mean == (3000 + 6 - 14) / 8
    assert made.mean_square == (3000 ** 2 + 18 + 98) / 8


@pytest.mark.parametrize("scale", [1e-30, 1, 1e12])
def test_order_and_batches_do_not_matter(scale):
    """Batches of rising and of falling magnitude, and one; numpy counts the same bins."""
    x = np.sort(np.random.default_rng(0).standard_cauchy(3000)) * scale
    x[:5] = 0
    one, by_size = seen(x), x[np.argsort(np.abs(x))]
    for order in (by_size, by_size[::-1], np.random.default_rng(1).permutation(x)):
        made = seen(*np.split(order, 30))
        assert made.counts.tolist() == one.counts.tolist()
        assert np.allclose(made.values, one.values, rtol=1e-12, atol=0)
        assert (made.lo, made.hi) == (x.min(), x.max())
    width = 2.0 ** np.ceil(np.log2(np.abs(x).max())) / BINS
    expected, _ = np.histogram(x[x != 0], np.arange(-BINS, BINS + 1) * width)
    assert one.counts[one.values != 0].tolist() == expected[expected > 0].tolist()
    assert one.counts[one.values == 0].tolist() == [5]
    counts, unit = one.magnitudes
    assert unit == width and counts.sum() == len(x)


def test_zeros_alone_and_before_others():
    assert seen([0.0, 0.0]).values.tolist() == [0]
    assert seen([0.0], [5.0]).values.tolist() == [0, 5]
    assert seen([], [1.0]).count == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match="a NaN or an infinity"):
        seen([1, bad])

"""The divergence against scipy's, and the search against the method as published."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import entropy

from qhw.quantization.activations import parse_activation
from qhw.quantization.calibration import Histogram
from qhw.quantization.calibration.kl import Kl, best_end, divergence, merged


def test_divergence_is_scipys():
    rng = np.random.default_rng(6)
    p, q = rng.integers(0, 5, (2, 50)) + np.array([[0], [1]])
    assert divergence(p, q) == pytest.approx(entropy(p, q))
    assert divergence(np.array([1, 1]), np.array([1, 0])) == np.inf == entropy([1, 1], [1, 0])


def test_the_example_of_the_talk():
    """Page 37: eight bins into two, [1 0 2 3 | 5 3 1 7] are [2 0 2 2 | 4 4 4 4]."""
    p = np.array([1, 0, 2, 3, 5, 3, 1, 7])
    assert merged(p, 2, p > 0).tolist() == [2, 0, 2, 2, 4, 4, 4, 4]


def reference(counts, levels):
    """The pseudocode of the talk, bin by bin, with scipy's divergence."""
    best = np.inf, 0
    for end in range(levels, len(counts) + 1):
        p = counts[:end].astype(float)
        p[-1] += counts[end:].sum()
        q, starts = np.zeros(end), [-(-k * end // levels) for k in range(levels + 1)]
        for a, b in pairwise(starts):
            some = [k for k in range(a, b) if p[k]]
            for k in some:
                q[k] = counts[a:b].sum() / len(some)
        if q.sum() and (lost := entropy(p, q)) < best[0]:
            best = lost, end
    return best[1]


@pytest.mark.parametrize("levels", [4, 16])
@pytest.mark.parametrize("seed", range(4))
def test_the_search_is_the_published_one(seed, levels):
    """Outliers are clipped, and not all else."""
    x = np.random.default_rng(seed).geometric(0.1, 3000) - 1
    counts = np.bincount(np.append(x, [150, 160, 220]))
    end = best_end(counts, levels)
    assert end == reference(counts, levels) and levels < end < 150


@pytest.mark.parametrize("zeros", [0, 100_000])
def test_the_interval_ends_behind_the_last_bin(zeros):
    """Numbers up to 3500 have bins of width 1, two of which are merged; zeros do not matter."""
    x = np.random.default_rng(8).geometric(0.01, 20_000)
    made = Histogram()
    made.see(np.append(x, 3500))
    made.see(np.zeros(zeros))
    counts = np.bincount(np.append(x, 3501) // 2)
    counts[0] = counts[1]
    end, lo = best_end(counts, 16), 0 if zeros else 1
    assert Kl().interval(made, parse_activation("u4")) == (lo, (end + 0.5) * 2)
    assert Kl().interval(made, parse_activation("s5")) == (lo, (end + 0.5) * 2)


def test_nothing_is_clipped_of_few_values():
    made = Histogram()
    made.see(np.array([-3.0, 0, 3]))
    assert Kl().interval(made, parse_activation("s8")) == (-3, 3)


def test_uneven_steps_are_refused():
    made = Histogram()
    made.see(np.array([1.0]))
    with pytest.raises(ValueError, match="kl is for even steps; use mse"):
        Kl().interval(made, parse_activation("log"))

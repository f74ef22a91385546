"""Limits of costs: kinds that count, and sums that no cost within the limits exceeds."""

import numpy as np
import pytest

from qhw.fold.limits import Limits
from tests.fold.moves import INF, limits


@pytest.mark.parametrize(("most", "weights", "kinds"), [
    ((4, 5, 0), (2, 3, 5), [0, 1, 2]), ((INF, INF, INF), (2, 3, 5), [0, 1, 2]),
    ((INF, INF, INF), (2, 0, 5), [0, 2]), ((4, INF, INF), (0, 0, 5), [0, 2]),
    ((INF, 7, INF), (1, 0, 0), [0, 1])])
def test_labels_are_compared_in_kinds_with_a_limit_or_a_weight(most, weights, kinds):
    assert np.flatnonzero(limits(*most, weights=weights).counted).tolist() == kinds


def test_what_is_scarce_counts_more():
    """Of half of the LUTs and a tenth of the blocks, a twentieth more of the blocks adds .0125 to
    the squares, a twentieth more of the LUTs .0525."""
    made = limits(INF, INF, INF, weights=(1 / 100, 1 / 40, 1 / 8))
    assert made.hardware(np.array([[60, 32, 0], [0, 0, 8]])).tolist() == [1, 1]
    squares = made.hardware(np.array([[50, 4, 0], [50, 6, 0], [55, 4, 0]])) ** 2
    assert squares.tolist() == pytest.approx([.26, .2725, .3125])


@pytest.mark.parametrize("seed", range(20))
def test_no_cost_within_the_limits_is_beyond_reach(seed):
    """Nor is one that has less hardware than another, whichever kinds are limited or weighted."""
    rng = np.random.default_rng(seed)
    most = np.where(rng.random(3) < .3, INF, rng.integers(0, 9, 3))
    made = Limits(most, np.where(rng.random(3) < .3, 0, rng.random(3)))
    costs = rng.integers(0, 9, (500, 3)).astype(float)
    within = np.array([made.hold(cost) for cost in costs])
    assert within.tolist() == (costs <= most).all(axis=1).tolist()
    for hardware in (INF, .5, 2.):
        good = within & (made.hardware(costs) <= hardware)
        assert (costs[good] @ made.sums <= made.reach(hardware)).all()
        if np.isfinite(most).all():
            assert not (costs[~within] @ made.sums <= made.reach(hardware)).all(axis=1).any()


def test_bounds_are_tight_where_kinds_are_used_alike():
    """Of hardware 5 by weights of 1: (3, 4) is at most, (3.2, 4.2) is more."""
    made = limits(INF, INF, INF)
    assert (np.array([3, 4, 0]) @ made.sums <= made.reach(5.)).all()
    assert not (np.array([3.2, 4.2, 0]) @ made.sums <= made.reach(5.)).all()

"""Sharing of two-term sums, by hand."""

import numpy as np
import pytest

from qhw.adders.share import added, share, width


@pytest.mark.parametrize(("lo", "hi", "bits"), [
    (0, 0, 0), (0, 1, 1), (0, 255, 8), (0, 256, 9), (-1, 0, 1), (-8, 7, 4), (-9, 7, 5), (-8, 8, 5),
    (-1, 300, 10), (0, 1 << 40, 41), (-(1 << 20), 0, 21), (3, 5, 3)])
def test_bits_of_an_interval(lo, hi, bits):
    assert width(lo, hi) == bits


@pytest.mark.parametrize(("shift", "sign", "ends"), [
    (0, 0, (-1, 5)), (2, 0, (-4, 11)), (0, 1, (-2, 4)), (2, 1, (-8, 7))])
def test_the_interval_of_a_sum(shift, sign, ends):
    """0..3 and -1..2."""
    assert added(0, 3, -1, 2, shift, sign) == ends


def shared(*digits, lines, items, least=2, most=9):
    """The digits left, sorted, and the pairs, of items of four bits."""
    lo, hi = np.zeros(items, np.int64), np.full(items, 15)
    left, made = share(np.array(digits), lines, lo, hi, most, least, 0, 0.0)
    return sorted(left.tolist()), made.tolist()


def test_a_pair_in_two_lines_is_computed_once():
    """x0 + x1 + x2 and x0 + x1."""
    left, made = shared((0, 0, 0, 0), (0, 1, 0, 0), (0, 2, 0, 0), (1, 0, 0, 0), (1, 1, 0, 0),
                        lines=2, items=3)
    assert made == [[0, 1, 0, 0]]
    assert left == [[0, 2, 0, 0], [0, 3, 0, 0], [1, 3, 0, 0]]


def test_a_pair_is_found_shifted_and_negated():
    """x0 - 4 x1, and 8 x1 - 2 x0, which is -2 times that."""
    left, made = shared((0, 0, 0, 0), (0, 1, 2, 1), (1, 0, 1, 1), (1, 1, 3, 0), lines=2, items=2)
    assert made == [[0, 1, 2, 1]] and left == [[0, 2, 0, 0], [1, 2, 1, 1]]


def test_a_pair_twice_in_a_line():
    """x0 + x1 + 4 x0 + 4 x1."""
    left, made = shared((0, 0, 0, 0), (0, 1, 0, 0), (0, 0, 2, 0), (0, 1, 2, 0), lines=1, items=2)
    assert len(made) == 1 and len(left) == 2
    assert sorted(shift for _, _, shift, _ in left) == [0, 2]


@pytest.mark.parametrize(("least", "most", "count"), [(2, 9, 1), (3, 9, 0), (2, 0, 0)])
def test_how_often_a_pair_must_occur_and_how_many_are_made(least, most, count):
    _, made = shared((0, 0, 0, 0), (0, 1, 0, 0), (1, 0, 0, 0), (1, 1, 0, 0), lines=2, items=2,
                     least=least, most=most)
    assert len(made) == count


def test_other_signs_and_distances_are_other_pairs():
    """x0 + x1, x0 - x1 and x0 + 2 x1."""
    _, made = shared((0, 0, 0, 0), (0, 1, 0, 0), (1, 0, 0, 0), (1, 1, 0, 1), (2, 0, 0, 0),
                     (2, 1, 1, 0), lines=3, items=2)
    assert made == []

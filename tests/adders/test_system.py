"""Sums of sums as a sparse matrix: digits, shared parts, and what is dissolved again."""

import numpy as np
import pytest

from qhw.adders.system import Rows, digits, dissolve, factor, intervals, prune, sparse

MATRIX = np.array([[3, -5, 0, 7], [0, 0, 0, 0], [6, -10, 1, 14]])


def rows(*found):
    """Rows of (column, value) pairs."""
    start = np.cumsum([0, *map(len, found)])
    flat = [pair for row in found for pair in row]
    return Rows(start, *(np.array([p[k] for p in flat], np.int64) for k in (0, 1)))


def read(system):
    return [[(int(c), int(v)) for c, v in zip(system.columns[a:b], system.values[a:b], strict=True)]
            for a, b in zip(system.start, system.start[1:], strict=False)]


def dense(system, outputs, inputs):
    """The matrix that it stands for: partial sums put in for their columns."""
    count = len(system.start) - 1
    full = np.zeros((count, inputs + count - outputs), object)
    for row, entries in enumerate(read(system)):
        for c, v in entries:
            full[row, c] = v
    while full[:, inputs:].any():
        full = np.concatenate([full[:, :inputs] + full[:, inputs:] @ full[outputs:, :inputs],
                               full[:, inputs:] @ full[outputs:, inputs:]], axis=1)
    return full[:outputs, :inputs].astype(int)


def test_what_is_not_zero():
    assert read(sparse(MATRIX)) == [[(0, 3), (1, -5), (3, 7)], [], [(0, 6), (1, -10), (2, 1),
                                                                    (3, 14)]]


def fewest(c):
    """Digits of the non-adjacent form, by its own rule."""
    count = 0
    while c:
        if c & 1:
            c -= 2 - c % 4
            count += 1
        c >>= 1
    return count


def test_numbers_become_the_fewest_signed_powers_of_two():
    numbers = np.arange(-300, 301)
    found = digits(sparse(numbers[None]))
    for item, c in enumerate(numbers.tolist()):
        own = found[found[:, 1] == item]
        assert sum((-1) ** int(s) << int(k) if not s else -(1 << int(k))
                   for _, _, k, s in own) == c
        assert len(own) == fewest(c)


@pytest.mark.parametrize(("value", "want"), [
    (1, [(0, 0)]), (-4, [(2, 1)]), (3, [(0, 1), (2, 0)]), (5, [(0, 0), (2, 0)]),
    (7, [(0, 1), (3, 0)]), (-3, [(0, 1), (1, 1)])])
def test_digits_by_hand(value, want):
    """Shift and sign; in a tie the digit is -1."""
    assert digits(sparse(np.array([[value]])))[:, 2:].tolist() == [list(d) for d in want]


@pytest.mark.parametrize("across", [False, True])
def test_shared_parts_change_no_product(across):
    lo, hi = np.array([0, -8, 0, -1]), np.array([15, 7, 1, 0])
    found = factor(sparse(MATRIX), 3, lo, hi, 2, 0, 0.0, across)
    assert dense(found, 3, 4).tolist() == MATRIX.tolist()
    assert len(found.start) - 1 > 3


def test_intervals_of_partial_sums():
    """x0 - 2 x1 and three times that, of 0..3 and -1..1."""
    system = rows([(3, 1)], [(0, 1), (1, -2)], [(2, 3)])
    lo, hi = intervals(system, 1, np.array([0, -1]), np.array([3, 1]))
    assert lo.tolist() == [0, -1, -2, -6] and hi.tolist() == [3, 1, 5, 15]


def test_a_partial_sum_is_replaced_by_its_terms():
    """3 p + x1 of p = x0 - x1, and what becomes 0 is gone."""
    system = rows([(1, 1), (2, 3)], [(1, 1), (2, 1)], [(0, 1), (1, -1)])
    found = dissolve(system, 2, 2, np.array([True]))
    assert read(found) == [[(0, 3), (1, -2)], [(0, 1)]]


def test_those_that_stay_move_up():
    system = rows([(2, 1), (3, 1)], [(0, 1), (1, 1)], [(0, 1), (2, 2)])
    found = dissolve(system, 1, 2, np.array([True, False]))
    assert read(found) == [[(0, 1), (1, 1), (2, 1)], [(0, 3), (1, 2)]]
    assert dense(found, 1, 2).tolist() == dense(system, 1, 2).tolist() == [[4, 3]]


def test_what_is_used_once_or_has_one_term_is_dissolved():
    once = rows([(2, 1)], [(0, 1), (1, 1)])
    assert read(prune(once, 1, 2)) == [[(0, 1), (1, 1)]]
    single = rows([(2, 1)], [(2, 1)], [(0, 4)])
    assert read(prune(single, 2, 2)) == [[(0, 4)], [(0, 4)]]
    twice = rows([(2, 1)], [(2, 1)], [(0, 1), (1, 1)])
    assert read(prune(twice, 2, 2)) == read(twice)
    digits_too = rows([(2, 3)], [(0, 1), (1, 1)])       # 4 - 1: read twice
    assert read(prune(digits_too, 1, 2)) == read(digits_too)

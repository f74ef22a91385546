"""Sums of sums as one integer matrix, and the two ways to find what they share.

Rows are the outputs, then partial sums; columns are the inputs, then the same partial sums.
"""

import numpy as np
from numba import njit

from .share import COLUMNS, share

__all__ = ["digits", "dissolve", "factor", "intervals", "prune"]

@njit(cache=True)
def _weight(c):
    """Signed powers of two that a number takes."""
    c = abs(c)
    both, count = c ^ (3 * c), 0
    while both:
        count += both & 1
        both >>= 1
    return count


@njit(cache=True)
def _digit(c, mixed):
    """The lowest digit of an odd number: the one that leaves least, 1 or -1 by chance if equal."""
    plus, minus = _weight(c - 1), _weight(c + 1)
    if plus == minus:
        return 1 if np.random.random() < mixed else -1
    return 1 if plus < minus else -1


@njit(cache=True)
def digits(matrix, mixed, seed):
    """Every entry in as few signed powers of two as it takes: (row, column, shift, sign).

    Where 3 can be 4 - 1 or 2 + 1 it is the second with a chance of ``mixed``.
    """
    np.random.seed(seed)
    count = 0
    for c in matrix.flat:
        count += _weight(c)
    found = np.zeros((count, COLUMNS), np.int64)
    at = 0
    for row in range(matrix.shape[0]):
        for column in range(matrix.shape[1]):
            c, shift = matrix[row, column], 0
            while c:
                if c & 1:
                    d = _digit(c, mixed)
                    found[at, 0], found[at, 1], found[at, 2] = row, column, shift
                    found[at, 3] = d < 0
                    c -= d
                    at += 1
                c >>= 1
                shift += 1
    return found


@njit(cache=True)
def intervals(matrix, outputs, lo, hi):
    """Of all columns: the inputs' intervals, and the partial sums'."""
    inputs, columns = len(lo), matrix.shape[1]
    lo = np.append(lo, np.zeros(columns - inputs, np.int64))
    hi = np.append(hi, np.zeros(columns - inputs, np.int64))
    known = np.arange(columns) < inputs
    waiting = True
    while waiting:
        waiting = False
        for column in range(columns - 1, inputs - 1, -1):
            if known[column]:
                continue
            row, least, most, ready = matrix[outputs + column - inputs], 0, 0, True
            for k in range(columns):
                c = row[k]
                if c:
                    ready = known[k]
                    if not ready:
                        break
                    least += c * (lo[k] if c > 0 else hi[k])
                    most += c * (hi[k] if c > 0 else lo[k])
            if ready:
                lo[column], hi[column], known[column] = least, most, True
            else:
                waiting = True
    return lo, hi


def factor(matrix, outputs, lo, hi, least, seed, noise, across, mixed=0.0):
    """The matrix with partial sums that are used ``least`` times: pairs of columns that several
    rows add up, or, across, what two rows have in common."""
    rows, columns = matrix.shape
    inputs = len(lo)
    found = digits(matrix, mixed, seed)
    most = len(found) // 2 + 1
    if across:
        flat = np.zeros(rows, np.int64)
        left, made = share(found[:, [1, 0, 2, 3]], columns, flat, flat, most, least, seed, noise)
        left = left[:, [1, 0, 2, 3]]
    else:
        left, made = share(found, rows, *intervals(matrix, outputs, lo, hi), most, least, seed,
                           noise)
    more = np.zeros((rows + len(made), columns + len(made)), np.int64)
    np.add.at(more, (left[:, 0], left[:, 1]), (1 - 2 * left[:, 3]) << left[:, 2])
    new = np.arange(len(made))
    factors = (1 - 2 * made[:, 3]) << made[:, 2]
    if across:
        more[made[:, 0], columns + new] += 1
        more[made[:, 1], columns + new] += factors
    else:
        more[rows + new, made[:, 0]] += 1
        more[rows + new, made[:, 1]] += factors
    assert len(more) - outputs == more.shape[1] - inputs
    return more


@njit(cache=True)
def dissolve(matrix, outputs, inputs, gone):
    """The matrix without the partial sums ``gone``: their terms stand in their place."""
    matrix = matrix.copy()
    partial = matrix.shape[1] - inputs
    waiting = True
    while waiting:
        waiting = False
        for p in range(partial):
            column = inputs + p
            if not gone[p]:
                continue
            for row in range(matrix.shape[0]):
                c = matrix[row, column]
                if c:
                    for k in range(matrix.shape[1]):
                        matrix[row, k] += c * matrix[outputs + p, k]
                    matrix[row, column] = 0
                    waiting = True
    rows = np.append(np.ones(outputs, np.bool_), ~gone)
    columns = np.append(np.ones(inputs, np.bool_), ~gone)
    return matrix[rows][:, columns]


@njit(cache=True)
def prune(matrix, outputs, inputs):
    """The matrix without partial sums that are used once, or not at all, or have one term."""
    while True:
        partial = matrix.shape[1] - inputs
        uses, terms = np.zeros(matrix.shape[1], np.int64), np.zeros(matrix.shape[0], np.int64)
        for row in range(matrix.shape[0]):
            for column in range(matrix.shape[1]):
                c = matrix[row, column]
                if c:
                    digits = 1 if c & -c == abs(c) else 2
                    uses[column] += digits
                    terms[row] += digits
        gone = np.zeros(partial, np.bool_)
        for p in range(partial):
            gone[p] = uses[inputs + p] < 2 or terms[outputs + p] < 2
        if not gone.any():
            return matrix
        matrix = dissolve(matrix, outputs, inputs, gone)

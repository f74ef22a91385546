"""Sums of inputs and of partial sums as one sparse integer matrix, and two ways to share terms.

Rows are the outputs, then partial sums; columns are the inputs, then the same partial sums. Row
``r`` has the values ``values[start[r]:start[r + 1]]`` in the columns ``columns[...]``, ascending.

Parameters
----------
rows : the matrix, a ``Rows``
outputs, inputs : number of outputs and of inputs
lo, hi : intervals of the inputs, (inputs,)"""

from typing import NamedTuple

import numpy as np

from ..tools.compiled import Flags, Ints, njit
from .share import COLUMNS, HIGH, ITEM, LINE, LOW, SHIFT, SIGN, share

__all__ = ["Rows", "digits", "dissolve", "factor", "intervals", "prune", "sparse", "weight"]


class Rows(NamedTuple):
    """A sparse matrix: row starts (rows + 1,), columns and values (entries,), int64."""

    start: Ints
    columns: Ints
    values: Ints


def sparse(matrix: np.ndarray) -> Rows:
    """Collects the nonzero entries of ``matrix`` (outputs, inputs)."""
    row, column = np.nonzero(matrix)
    start = np.zeros(len(matrix) + 1, np.int64)
    np.add.at(start, row + 1, 1)
    return Rows(np.cumsum(start), column.astype(np.int64), matrix[row, column].astype(np.int64))


@njit
def weight(c: int) -> int:
    """Counts the digits of a number in signed powers of two, the fewest possible."""
    c = abs(c)
    both, count = c ^ (3 * c), 0
    while both:
        both &= both - 1
        count += 1
    return count


@njit
def digits(rows: Rows) -> Ints:
    """Splits every entry into the fewest signed powers of two, (digits, 4): row, column, shift,
    sign."""
    start, columns, values = rows
    count = 0
    for c in values:
        count += weight(c)
    found = np.zeros((count, COLUMNS), np.int64)
    at = 0
    for row in range(len(start) - 1):
        for k in range(start[row], start[row + 1]):
            c, shift = values[k], 0
            while c:
                if c & 1:
                    # The digit with the smallest remainder; -1 in a tie.
                    minus = weight(c - 1) >= weight(c + 1)
                    found[at, LINE], found[at, ITEM] = row, columns[k]
                    found[at, SHIFT], found[at, SIGN] = shift, minus
                    c += 1 if minus else -1
                    at += 1
                c >>= 1
                shift += 1
    return found


@njit
def intervals(rows: Rows, outputs: int, lo: Ints, hi: Ints) -> tuple[Ints, Ints]:
    """Computes the intervals of all columns: inputs, then partial sums, (columns,) each."""
    start, columns, values = rows
    inputs, partial = len(lo), len(start) - 1 - outputs
    lo, hi = np.append(lo, np.zeros(partial, np.int64)), np.append(hi, np.zeros(partial, np.int64))
    known = np.arange(len(lo)) < inputs
    waiting = True
    while waiting:
        waiting = False
        for p in range(partial - 1, -1, -1):
            if known[inputs + p]:
                continue
            least, most, ready = 0, 0, True
            for k in range(start[outputs + p], start[outputs + p + 1]):
                c, column = values[k], columns[k]
                ready = known[column]
                if not ready:
                    break
                least += c * (lo[column] if c > 0 else hi[column])
                most += c * (hi[column] if c > 0 else lo[column])
            if ready:
                lo[inputs + p], hi[inputs + p], known[inputs + p] = least, most, True
            else:
                waiting = True
    return lo, hi


@njit
def _sort(values: Ints, first: int, last: int) -> None:
    """Sorts by insertion: rows are short."""
    for k in range(first + 1, last):
        value, at = values[k], k
        while at > first and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@njit
def _collected(row: Ints, column: Ints, value: Ints, rows: int, columns: int) -> Rows:
    """Makes the matrix of entries in any order; entries in the same place are added."""
    begin = np.zeros(rows + 1, np.int64)
    for r in row:
        begin[r + 1] += 1
    begin = np.cumsum(begin)
    order, place = np.empty(len(row), np.int64), begin[:-1].copy()
    for k in range(len(row)):
        order[place[row[k]]] = k
        place[row[k]] += 1
    start = np.zeros(rows + 1, np.int64)
    into, values = np.empty(len(row), np.int64), np.empty(len(row), np.int64)
    total, at = np.zeros(columns, np.int64), 0
    for r in range(rows):
        first = at
        for k in order[begin[r]:begin[r + 1]]:
            if total[column[k]] == 0:
                into[at] = column[k]
                at += 1
            total[column[k]] += value[k]
        _sort(into, first, at)
        end, at = at, first
        for k in range(first, end):
            c = into[k]
            if total[c]:
                into[at], values[at] = c, total[c]
                total[c] = 0
                at += 1
        start[r + 1] = at
    return Rows(start, into[:at].copy(), values[:at].copy())


@njit
def factor(rows: Rows, outputs: int, lo: Ints, hi: Ints, least: int, seed: int, noise: float,
           across: bool) -> Rows:
    """Adds partial sums that are used at least ``least`` times.

    Parameters
    ----------
    least : fewest uses of a partial sum, a number
    seed : a number that starts the noise
    noise : fraction by which gains vary randomly
    across : whether to share common parts of two rows instead of pairs of columns
    """
    count = len(rows.start) - 1
    columns = len(lo) + count - outputs
    found = digits(rows)
    most = len(found) // 2 + 1
    if across:
        flat = np.zeros(count, np.int64)
        for d in range(len(found)):
            found[d, LINE], found[d, ITEM] = found[d, ITEM], found[d, LINE]
        left, made = share(found, columns, flat, flat, most, least, seed, noise)
    else:
        low, high = intervals(rows, outputs, lo, hi)
        left, made = share(found, count, low, high, most, least, seed, noise)
    size = len(left) + 2 * len(made)
    row, column = np.empty(size, np.int64), np.empty(size, np.int64)
    value = np.empty(size, np.int64)
    for d in range(len(left)):
        line, item = left[d, LINE], left[d, ITEM]
        row[d], column[d] = (item, line) if across else (line, item)
        value[d] = (1 - 2 * left[d, SIGN]) << left[d, SHIFT]
    for k in range(len(made)):
        for side in (LOW, HIGH):
            d = len(left) + 2 * k + side
            row[d] = made[k, side] if across else count + k
            column[d] = columns + k if across else made[k, side]
            value[d] = (1 - 2 * made[k, SIGN]) << made[k, SHIFT] if side == HIGH else 1
    return _collected(row, column, value, count + len(made), columns + len(made))


@njit
def dissolve(rows: Rows, outputs: int, inputs: int, gone: Flags) -> Rows:
    """Replaces the partial sums in ``gone``, bool (partial sums,), by their terms."""
    start, columns, values = rows
    partial = len(gone)
    place, left = np.arange(inputs + partial), inputs
    for p in range(partial):
        place[inputs + p] = -1 if gone[p] else left
        left += not gone[p]
    total, seen = np.zeros(inputs + partial, np.int64), np.zeros(inputs + partial, np.bool_)
    touched = np.empty(inputs + partial, np.int64)
    new_start = np.zeros(outputs + left - inputs + 1, np.int64)
    into, new_values = np.empty(2 * len(columns), np.int64), np.empty(2 * len(columns), np.int64)
    at, made = 0, 0
    for row in range(outputs + partial):
        if row >= outputs and gone[row - outputs]:
            continue
        count = _add(start, columns, values, row, 1, total, seen, touched, 0)
        again = True
        while again:
            again, k = False, 0
            while k < count:
                c = int(touched[k])
                if place[c] < 0 and total[c]:
                    times, total[c] = total[c], 0
                    count = _add(start, columns, values, outputs + c - inputs, times, total, seen,
                                 touched, count)
                    again = True
                k += 1
        while at + count > len(into):
            into = np.append(into, np.empty_like(into))
            new_values = np.append(new_values, np.empty_like(new_values))
        _sort(touched, 0, count)
        for c in touched[:count]:
            if total[c]:
                into[at], new_values[at] = place[c], total[c]
                total[c] = 0
                at += 1
            seen[c] = False
        made += 1
        new_start[made] = at
    return Rows(new_start, into[:at].copy(), new_values[:at].copy())


@njit
def _add(start: Ints, columns: Ints, values: Ints, row: int, times: int, total: Ints, seen: Flags,
         touched: Ints, count: int) -> int:
    """Adds a row ``times`` times to ``total`` and lists the columns touched; returns their count.
    """
    for k in range(start[row], start[row + 1]):
        c = columns[k]
        total[c] += times * values[k]
        if not seen[c]:
            seen[c] = True
            touched[count] = c
            count += 1
    return count


@njit
def prune(rows: Rows, outputs: int, inputs: int) -> Rows:
    """Dissolves partial sums that are used less than twice or have one term."""
    while True:
        start, columns, values = rows
        count = len(start) - 1
        uses, terms = np.zeros(inputs + count - outputs, np.int64), np.zeros(count, np.int64)
        for row in range(count):
            for k in range(start[row], start[row + 1]):
                digits = 1 if values[k] & -values[k] == abs(values[k]) else 2
                uses[columns[k]] += digits
                terms[row] += digits
        gone = (uses[inputs:] < 2) | (terms[outputs:] < 2)
        if not gone.any():
            return rows
        rows = dissolve(rows, outputs, inputs, gone)

"""Greedy sharing of two-term sums among many sums of signed powers of two.

A line is a sum of digits, each an item times a signed power of two. The pair of digits that saves
most when it is computed once becomes an item of its own wherever it occurs, until none occurs
``least`` times.

Items are signals and lines are outputs, and pairs are sums that several outputs share; or items
are outputs and lines are inputs, and pairs are outputs that share a partial sum of several inputs.
"""

import heapq
from typing import Any

import numpy as np

from ..tools.compiled import njit

__all__ = ["COLUMNS", "added", "share", "width"]

COLUMNS = 4
"""Of digits: line, item, shift, sign. Of pairs: low, high, shift, sign, for low +- high << shift.
A sign is 1 for minus."""

BITS, MIDDLE = 24, 64
HASH = np.int64(-7046029254386353131)


LENGTHS = np.array([k.bit_length() for k in range(256)])


@njit
def width(lo, hi):
    """Bits of an interval's integers, with a sign where they need one."""
    most, bits = max(hi, -lo - 1), 0
    while most > 255:
        most >>= 8
        bits += 8
    return bits + LENGTHS[most] + (lo < 0)


@njit
def added(lo, hi, high_lo, high_hi, shift, sign):
    """Computes the interval of low +- high << shift.

    Parameters
    ----------
    lo, hi : interval of low
    high_lo, high_hi : interval of high
    shift : bits
    sign : 1 to subtract
    """
    if sign:
        return lo - (high_hi << shift), hi - (high_lo << shift)
    return lo + (high_lo << shift), hi + (high_hi << shift)


@njit
def _key(a, a_shift, a_sign, b, b_shift, b_sign):
    """Packs a pair into a number, equal for all pairs of the same items, distance and relation."""
    if a > b or (a == b and a_shift > b_shift):
        a, a_shift, b, b_shift = b, b_shift, a, a_shift
    return (((a << BITS | b) << 8 | (b_shift - a_shift + MIDDLE)) << 1) | (a_sign ^ b_sign)


@njit
def _parts(key):
    """Unpacks a pair: low item, high item, shift, sign."""
    a, b = key >> (BITS + 9), (key >> 9) & ((1 << BITS) - 1)
    shift = ((key >> 1) & 255) - MIDDLE
    return (a, b, shift, key & 1) if shift >= 0 else (b, a, -shift, key & 1)


@njit
def _slot(keys, key):
    """Finds a key's index in the hash table, or the free index for it."""
    mask = keys.size - 1
    at = ((key * HASH) >> 20) & mask
    while keys[at] != key and keys[at] != -1:
        at = (at + 1) & mask
    return at


@njit
def _grown(keys, counts):
    """Rebuilds the hash table without pairs of count 0, at least half empty."""
    alive = 0
    for n in counts:
        alive += n > 0
    size = keys.size
    while size < 4 * alive:
        size *= 2
    new_keys, new_counts = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    for old in range(keys.size):
        if counts[old] > 0:
            at = _slot(new_keys, keys[old])
            new_keys[at], new_counts[at] = keys[old], counts[old]
    return new_keys, new_counts, alive


@njit
def _gain(key, count, lo, hi, noise):
    """Computes the columns that sharing a pair saves, with random noise."""
    low, high, shift, sign = _parts(key)
    low_end, high_end = added(lo[low], hi[low], lo[high], hi[high], shift, sign)
    return (count - 1) * max(width(low_end, high_end) - shift, 1) * (1 + noise * np.random.random())


@njit
def _partner(row, n, p, low, high, shift, sign):
    """Finds the digit of a line that forms the pair with digit ``p``; -1 if there is none."""
    if row[p, 0] == low:
        for q in range(n):
            if (q != p and row[q, 0] == high and row[q, 1] - row[p, 1] == shift
                    and row[q, 2] ^ row[p, 2] == sign):
                return q
    return -1


@njit
def _places(rows, fill, items, most):
    """Lists the lines that contain each item, ascending, and where each item's list begins.

    There is room for ``most`` new items, each of which replaces two digits of a line by one.
    """
    count = np.zeros(items + 1, np.int64)
    last = np.full(items, -1, np.int64)
    for line in range(len(fill)):
        for item in rows[line, :fill[line], 0]:
            count[item + 1] += last[item] != line
            last[item] = line
    begin = np.zeros(items + most + 1, np.int64)
    begin[:items + 1] = np.cumsum(count)
    places = np.empty(begin[items] + fill.sum(), np.int64)
    put = begin[:items].copy()
    last[:] = -1
    for line in range(len(fill)):
        for item in rows[line, :fill[line], 0]:
            if last[item] != line:
                last[item] = line
                places[put[item]] = line
                put[item] += 1
    return places, begin


@njit
def share(digits, lines, lo, hi, most, least, seed, noise):
    """Shares pairs of digits greedily, the most saving pair first.

    Returns the digits left, (digits, 4), and the pairs, (pairs, 4): low, high, shift, sign.

    Parameters
    ----------
    digits : (digits, 4): line, item, shift, sign
    lines : number of lines
    lo, hi : intervals of the items, (items,)
    most : most pairs
    least : fewest occurrences of a pair that is shared, a number
    seed : a number that starts the noise
    noise : fraction by which gains vary randomly
    """
    np.random.seed(seed)
    items = lo.size
    lo, hi = np.append(lo, np.zeros(most, np.int64)), np.append(hi, np.zeros(most, np.int64))
    fill = np.zeros(lines, np.int64)
    for d in range(len(digits)):
        fill[digits[d, 0]] += 1
    rows = np.zeros((lines, fill.max() + 1, 3), np.int64)
    pairs = (fill * (fill - 1) // 2).sum()
    fill[:] = 0
    for d in range(len(digits)):
        line = digits[d, 0]
        rows[line, fill[line]] = digits[d, 1:]
        fill[line] += 1
    places, begin = _places(rows, fill, items, most)

    size = 1024
    while size < 2 * pairs:
        size *= 2
    keys, counts, used = np.full(size, -1, np.int64), np.zeros(size, np.int64), 0
    for line in range(lines):
        row = rows[line]
        for p in range(fill[line]):
            for q in range(p):
                key = _key(row[p, 0], row[p, 1], row[p, 2], row[q, 0], row[q, 1], row[q, 2])
                at = _slot(keys, key)
                used += keys[at] == -1
                keys[at] = key
                counts[at] += 1

    heap: list[Any] = [(0.0, 0, np.int64(0))]
    heap.clear()
    for at in range(size):
        if counts[at] >= least:
            heap.append((-_gain(keys[at], counts[at], lo, hi, noise), counts[at], keys[at]))
    heapq.heapify(heap)
    made = np.zeros((most, COLUMNS), np.int64)
    n_made = 0
    fresh = [np.int64(0)]
    while len(heap) > 0 and n_made < most:
        gain, then, key = heapq.heappop(heap)
        count = counts[_slot(keys, key)]
        if count < then:
            if count >= least:
                heapq.heappush(heap, (gain * (count - 1) / (then - 1), count, key))
            continue
        low, high, shift, sign = _parts(key)
        new = items + n_made
        fresh.clear()
        fewer = low if begin[low + 1] - begin[low] <= begin[high + 1] - begin[high] else high
        places_made = begin[new]
        for at_line in range(begin[fewer], begin[fewer + 1]):
            line = places[at_line]
            row, n, p = rows[line], fill[line], 0
            while p < n:
                q = _partner(row, n, p, low, high, shift, sign)
                if q < 0:
                    p += 1
                    continue
                at_shift, at_sign = row[p, 1], row[p, 2]
                for gone in (max(p, q), min(p, q)):
                    for other in range(n):
                        if other != gone:
                            counts[_slot(keys, _key(
                                row[gone, 0], row[gone, 1], row[gone, 2],
                                row[other, 0], row[other, 1], row[other, 2]))] -= 1
                    n -= 1
                    row[gone] = row[n]
                for other in range(n):
                    key = _key(new, at_shift, at_sign, row[other, 0], row[other, 1], row[other, 2])
                    at = _slot(keys, key)
                    used += keys[at] == -1
                    keys[at] = key
                    if counts[at] == 0:
                        fresh.append(key)
                    counts[at] += 1
                row[n, 0], row[n, 1], row[n, 2] = new, at_shift, at_sign
                n += 1
                p = 0
            if n < fill[line]:
                places[places_made] = line
                places_made += 1
            fill[line] = n
        begin[new + 1] = places_made
        lo[new], hi[new] = added(lo[low], hi[low], lo[high], hi[high], shift, sign)
        made[n_made, 0], made[n_made, 1], made[n_made, 2], made[n_made, 3] = low, high, shift, sign
        n_made += 1
        for key in fresh:
            count = counts[_slot(keys, key)]
            if count >= least:
                heapq.heappush(heap, (-_gain(key, count, lo, hi, noise), count, key))
        if 3 * used > 2 * keys.size:
            keys, counts, used = _grown(keys, counts)

    left = np.zeros((fill.sum(), COLUMNS), np.int64)
    at = 0
    for line in range(lines):
        for p in range(fill[line]):
            left[at, 0] = line
            left[at, 1:] = rows[line, p]
            at += 1
    return left, made[:n_made]

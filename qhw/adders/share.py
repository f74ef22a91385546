"""Greedy sharing of two-term sums among many sums of signed powers of two.

A line is a sum of digits; a digit is an item times a signed power of two. The search repeatedly
takes the pair of digits that saves the most adders when it is computed once, and replaces it by a
new item in every line. It stops when no pair occurs ``least`` times.

Two readings are possible. Items are signals and lines are outputs: pairs are sums that several
outputs share. Or items are outputs and lines are inputs: pairs are outputs that share a partial sum
of several inputs."""

import heapq

import numpy as np

from ..tools.compiled import Ints, njit

__all__ = ["COLUMNS", "HIGH", "ITEM", "LINE", "LOW", "SHIFT", "SIGN", "added", "share", "width"]

LINE, ITEM, SHIFT, SIGN = range(4)
"""Columns of digits: +- item << shift in a line. A sign is 1 for minus."""
LOW, HIGH = range(2)
"""Columns of pairs, before SHIFT and SIGN: low +- high << shift."""
COLUMNS = 4

BITS, MIDDLE = 24, 64
"""A pair's key: two items of ``BITS`` bits, the distance of their shifts above -``MIDDLE``, a sign.
"""
HASH = -7046029254386353131
"""2^64 by the golden ratio: its multiples spread keys over a table."""
FREE = -1
"""A slot of the table without a key."""
LENGTHS = np.array([k.bit_length() for k in range(256)])


@njit
def width(lo: int, hi: int) -> int:
    """Bits of an interval's integers, with a sign where they need one."""
    most, bits = max(hi, -lo - 1), 0
    while most > 255:
        most >>= 8
        bits += 8
    return bits + LENGTHS[most] + (lo < 0)


@njit
def added(lo: int, hi: int, high_lo: int, high_hi: int, shift: int, sign: int) -> tuple[int, int]:
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
def _key(a: int, a_shift: int, a_sign: int, b: int, b_shift: int, b_sign: int) -> int:
    """Packs a pair into a number, equal for all pairs of the same items, distance and relation."""
    if a > b or (a == b and a_shift > b_shift):
        a, a_shift, b, b_shift = b, b_shift, a, a_shift
    return (((a << BITS | b) << 8 | (b_shift - a_shift + MIDDLE)) << 1) | (a_sign ^ b_sign)


@njit
def _parts(key: int) -> tuple[int, int, int, int]:
    """Unpacks a pair: low item, high item, shift, sign."""
    a, b = key >> (BITS + 9), (key >> 9) & ((1 << BITS) - 1)
    shift = ((key >> 1) & 255) - MIDDLE
    return (a, b, shift, key & 1) if shift >= 0 else (b, a, -shift, key & 1)


@njit
def _slot(keys: Ints, key: int) -> int:
    """Finds a key's index in the hash table, or the free index for it."""
    mask = keys.size - 1
    at = ((key * HASH) >> 20) & mask
    while keys[at] != key and keys[at] != FREE:
        at = (at + 1) & mask
    return at


@njit
def _grown(keys: Ints, counts: Ints) -> tuple[Ints, Ints, int]:
    """Rebuilds the hash table without pairs of count 0, at least half empty."""
    alive = 0
    for n in counts:
        alive += n > 0
    size = keys.size
    while size < 4 * alive:
        size *= 2
    new_keys, new_counts = np.full(size, FREE, np.int64), np.zeros(size, np.int64)
    for old in range(keys.size):
        if counts[old] > 0:
            at = _slot(new_keys, keys[old])
            new_keys[at], new_counts[at] = keys[old], counts[old]
    return new_keys, new_counts, alive


@njit
def _gain(key: int, count: int, lo: Ints, hi: Ints, noise: float) -> float:
    """Computes the columns that sharing a pair saves, with random noise."""
    low, high, shift, sign = _parts(key)
    low_end, high_end = added(lo[low], hi[low], lo[high], hi[high], shift, sign)
    return (count - 1) * max(width(low_end, high_end) - shift, 1) * (1 + noise * np.random.random())


@njit
def _partner(row: Ints, n: int, p: int, low: int, high: int, shift: int, sign: int) -> int:
    """Finds the digit of a line that forms the pair with digit ``p``; -1 if there is none."""
    if row[p, ITEM] == low:
        for q in range(n):
            if (q != p and row[q, ITEM] == high and row[q, SHIFT] - row[p, SHIFT] == shift
                    and row[q, SIGN] ^ row[p, SIGN] == sign):
                return q
    return -1


@njit
def _places(rows: Ints, fill: Ints, items: int, most: int) -> tuple[Ints, Ints]:
    """Lists the lines that contain each item, ascending, and where each item's list begins.

    There is room for ``most`` new items, each of which replaces two digits of a line by one.
    """
    count = np.zeros(items + 1, np.int64)
    last = np.full(items, -1, np.int64)
    for line in range(len(fill)):
        for item in rows[line, :fill[line], ITEM]:
            count[item + 1] += last[item] != line
            last[item] = line
    begin = np.zeros(items + most + 1, np.int64)
    begin[:items + 1] = np.cumsum(count)
    places = np.empty(begin[items] + fill.sum(), np.int64)
    put = begin[:items].copy()
    last[:] = -1
    for line in range(len(fill)):
        for item in rows[line, :fill[line], ITEM]:
            if last[item] != line:
                last[item] = line
                places[put[item]] = line
                put[item] += 1
    return places, begin


@njit
def _pair(row: Ints, p: int, q: int) -> int:
    """Packs digits ``p`` and ``q`` of a line into the key of their pair."""
    return _key(row[p, ITEM], row[p, SHIFT], row[p, SIGN],
                row[q, ITEM], row[q, SHIFT], row[q, SIGN])


@njit
def _count(keys: Ints, counts: Ints, key: int) -> tuple[bool, int]:
    """Counts one more occurrence; returns whether a free slot was taken, and the count."""
    at = _slot(keys, key)
    taken = keys[at] == FREE
    keys[at] = key
    counts[at] += 1
    return taken, counts[at]


@njit
def _by_line(digits: Ints, lines: int) -> tuple[Ints, Ints]:
    """Sorts digits by line: (lines, longest + 1, 4), and the digits in each line, (lines,)."""
    fill = np.zeros(lines, np.int64)
    for d in range(len(digits)):
        fill[digits[d, LINE]] += 1
    rows = np.zeros((lines, fill.max() + 1, COLUMNS), np.int64)
    fill[:] = 0
    for d in range(len(digits)):
        line = digits[d, LINE]
        rows[line, fill[line]] = digits[d]
        fill[line] += 1
    return rows, fill


@njit
def _counted(rows: Ints, fill: Ints) -> tuple[Ints, Ints, int]:
    """Counts all pairs of all lines in a hash table, at least half empty.

    Returns its keys and counts, (slots,) each, and the number of slots taken.
    """
    size = 1024
    while size < (fill * (fill - 1)).sum():
        size *= 2
    keys, counts, used = np.full(size, FREE, np.int64), np.zeros(size, np.int64), 0
    for line in range(len(fill)):
        for p in range(fill[line]):
            for q in range(p):
                used += _count(keys, counts, _pair(rows[line], p, q))[0]
    return keys, counts, used


@njit
def _promising(keys: Ints, counts: Ints, lo: Ints, hi: Ints, least: int,
               noise: float) -> list[tuple[float, int, int]]:
    """Makes a heap of the pairs that occur at least ``least`` times: (-gain, count, key)."""
    heap = [(0.0, 0, 0)]   # Numba takes the type of an entry from it
    heap.clear()
    for at in range(keys.size):
        if counts[at] >= least:
            heap.append((-_gain(keys[at], counts[at], lo, hi, noise), counts[at], keys[at]))
    heapq.heapify(heap)
    return heap


@njit
def _replaced(row: Ints, n: int, pair: int, new: int, keys: Ints, counts: Ints,
              fresh: list[int]) -> tuple[int, int]:
    """Replaces every occurrence of a pair in a line of ``n`` digits by the item ``new``.

    Returns the digits left in the line and the slots taken in the hash table. Appends the keys of
    pairs that occur for the first time to ``fresh``.
    """
    low, high, shift, sign = _parts(pair)
    used, p = 0, 0
    while p < n:
        q = _partner(row, n, p, low, high, shift, sign)
        if q < 0:
            p += 1
            continue
        at_shift, at_sign = row[p, SHIFT], row[p, SIGN]
        # The later digit first: the last one moves to the gap, and it is not the other of the two.
        for gone in (max(p, q), min(p, q)):
            for other in range(n):
                if other != gone:
                    counts[_slot(keys, _pair(row, gone, other))] -= 1
            n -= 1
            row[gone] = row[n]
        row[n, ITEM], row[n, SHIFT], row[n, SIGN] = new, at_shift, at_sign
        for other in range(n):
            key = _pair(row, n, other)
            taken, count = _count(keys, counts, key)
            used += taken
            if count == 1:
                fresh.append(key)
        n += 1
        p = 0       # the new digit may make the same pair again
    return n, used


@njit
def _left(rows: Ints, fill: Ints) -> Ints:
    """Collects the digits of all lines, (digits, 4)."""
    left = np.zeros((fill.sum(), COLUMNS), np.int64)
    at = 0
    for line in range(len(fill)):
        left[at:at + fill[line]] = rows[line, :fill[line]]
        at += fill[line]
    return left


@njit
def share(digits: Ints, lines: int, lo: Ints, hi: Ints, most: int, least: int, seed: int,
          noise: float) -> tuple[Ints, Ints]:
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
    rows, fill = _by_line(digits, lines)
    places, begin = _places(rows, fill, items, most)
    keys, counts, used = _counted(rows, fill)
    heap = _promising(keys, counts, lo, hi, least, noise)
    made = np.zeros((most, COLUMNS), np.int64)
    new = items
    fresh = [0]
    while len(heap) > 0 and new < items + most:
        gain, then, pair = heapq.heappop(heap)
        count = counts[_slot(keys, pair)]
        if count < then:    # other pairs took some of its digits since it was put on the heap
            if count >= least:
                heapq.heappush(heap, (gain * (count - 1) / (then - 1), count, pair))
            continue
        low, high, shift, sign = _parts(pair)
        fresh.clear()
        rarer = low if begin[low + 1] - begin[low] <= begin[high + 1] - begin[high] else high
        end = begin[new]
        for at in range(begin[rarer], begin[rarer + 1]):
            line = int(places[at])
            n, taken = _replaced(rows[line], fill[line], pair, new, keys, counts, fresh)
            used += taken
            if n < fill[line]:
                places[end] = line
                end += 1
            fill[line] = n
        begin[new + 1] = end
        lo[new], hi[new] = added(lo[low], hi[low], lo[high], hi[high], shift, sign)
        row = made[new - items]
        row[LOW], row[HIGH], row[SHIFT], row[SIGN] = low, high, shift, sign
        new += 1
        for key in fresh:
            count = counts[_slot(keys, key)]
            if count >= least:
                heapq.heappush(heap, (-_gain(key, count, lo, hi, noise), count, key))
        if 3 * used > 2 * keys.size:
            keys, counts, used = _grown(keys, counts)
    return _left(rows, fill), made[:new - items]

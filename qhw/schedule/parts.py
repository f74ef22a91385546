"""The rules of parts with one input: the cycles in which a beat is taken, and from which one is
offered.

A rule makes all moves that follow from the moves known before. Parameters: see ``channel``."""

from ..tools.compiled import Ints, njit
from .channel import (
    BEATS,
    I0,
    I1,
    INFERENCE,
    MOVED,
    O0,
    OFFERED,
    OFFERS,
    PLACE,
    S0,
    TABLE,
    A,
    B,
    C,
    D,
    E,
    after,
    at,
    free,
    move,
    offer,
)

__all__ = ["banks", "exchange", "pipeline", "queue", "rows", "sink", "slide", "source"]


@njit
def source(cells: Ints, p: int, ch: Ints, ring: Ints, todo: Ints, count: int, period: int,
           gaps: Ints) -> None:
    """Offers the network's input beats."""
    o = cells[p, O0]
    n = ch[o, OFFERS]
    if free(ch, o) and n < count * ch[o, BEATS]:
        t = ch[o, INFERENCE] * period if ch[o, PLACE] == 0 else 0
        before = at(ch, ring, o, n - 1) + 1 if n else 0
        if n < len(gaps):
            before += gaps[n]
        offer(ch, todo, o, max(t, before))


@njit
def sink(cells: Ints, p: int, ch: Ints, ring: Ints, todo: Ints, marks: Ints, period: int,
         later: Ints, ends: Ints, latest: Ints) -> None:
    """Takes the network's output beats; an inference that ends late stops the run."""
    i = cells[p, I0]
    if free(ch, i):
        return
    t = ch[i, OFFERED]
    if t < len(later):
        t = int(later[t])
    k = ch[i, INFERENCE]
    move(ch, ring, todo, marks, period, i, t)
    if ch[i, PLACE] == 0 and k < len(ends):
        ends[k] = t
        if k < len(latest) and t > latest[k]:
            todo[0] = 0


@njit
def _measure(cells: Ints, p: int, ch: Ints, ring: Ints) -> None:
    """Updates the depth at which no beat would have waited for the queue."""
    i, o = cells[p, I0], cells[p, O0]
    n, left = cells[p, S0], cells[p, S0 + 1]
    while n < ch[i, MOVED] and ch[o, MOVED] and at(ch, ring, o, ch[o, MOVED] - 1) >= at(
            ch, ring, i, n):
        while at(ch, ring, o, left) < at(ch, ring, i, n):
            left += 1
        cells[p, S0 + 2] = max(cells[p, S0 + 2], n - left + 1)
        n += 1
    cells[p, S0], cells[p, S0 + 1] = n, left


@njit
def queue(cells: Ints, p: int, ch: Ints, ring: Ints, todo: Ints, marks: Ints, period: int) -> None:
    """Holds up to ``A`` beats in order."""
    i, o, depth = cells[p, I0], cells[p, O0], cells[p, A]
    n = ch[i, MOVED]
    if not free(ch, i) and (n < depth or ch[o, MOVED] > n - depth):
        t = ch[i, OFFERED]
        if n >= depth:
            t = max(t, at(ch, ring, o, n - depth) + 1)
        move(ch, ring, todo, marks, period, i, t)
    m = ch[o, OFFERS]
    if free(ch, o) and m < ch[i, MOVED]:
        offer(ch, todo, o, after(ch, ring, o, at(ch, ring, i, m) + 1))
    _measure(cells, p, ch, ring)


@njit
def exchange(cells: Ints, p: int, ch: Ints, ring: Ints, todo: Ints, marks: Ints,
             period: int) -> None:
    """Gathers ``A`` beats in a register, then offers ``B`` beats.

    The last ones of every ``C`` beats that come, which become ``D``, may be fewer."""
    i, o, come, made = cells[p, I0], cells[p, O0], cells[p, A], cells[p, B]
    taken, offered = cells[p, C], cells[p, D]
    n, given = ch[i, MOVED], ch[o, MOVED]
    before = n // taken * offered + n % taken // come * made
    if not free(ch, i) and given >= before:
        t = ch[i, OFFERED]
        if before:
            t = max(t, at(ch, ring, o, before - 1))
        move(ch, ring, todo, marks, period, i, t)
    m = ch[o, OFFERS]
    last = m // offered * taken + min((m % offered // made + 1) * come, taken)
    if m == given and ch[i, MOVED] >= last:
        offer(ch, todo, o, after(ch, ring, o, at(ch, ring, i, last - 1) + 1))


@njit
def pipeline(cells: Ints, p: int, tab: Ints, ch: Ints, ring: Ints, todo: Ints, marks: Ints,
             period: int) -> None:
    """Moves beats through registers that stall together.

    States: the current read of a beat; the cycle of the last read; the first beat that had not left
    in that cycle; the stall cycles of the beats before it; the stall cycles of all beats that left.
    """
    i, o, mask = cells[p, I0], cells[p, O0], cells[p, E] - 1
    come = cells[p, TABLE]                  # cycles in which beats arrive at the end
    stood = cells[p, TABLE] + cells[p, E]   # stall cycles of the beats before them
    while True:
        m = ch[o, OFFERS]
        if m == ch[o, MOVED] and m < ch[i, MOVED]:
            if m:
                cells[p, S0 + 4] += at(ch, ring, o, m - 1) - tab[come + (m - 1 & mask)]
            t = at(ch, ring, i, m) + cells[p, A] + cells[p, S0 + 4] - tab[stood + (m & mask)]
            if cells[p, D]:
                t = after(ch, ring, o, at(ch, ring, i, m) + cells[p, A])
            tab[come + (m & mask)] = t
            offer(ch, todo, o, t)
        t = _read(cells, p, tab, ch, ring)
        if t < 0:
            return
        cells[p, S0 + 1] = t
        cells[p, S0] += 1
        if cells[p, S0] == cells[p, B]:
            cells[p, S0] = 0
            n = ch[i, MOVED]
            tab[stood + (n & mask)] = cells[p, S0 + 3]
            move(ch, ring, todo, marks, period, i, t)
            if cells[p, I1] >= 0 and (n + 1) % cells[p, C] == 0:
                move(ch, ring, todo, marks, period, cells[p, I1], t)


@njit
def _read(cells: Ints, p: int, tab: Ints, ch: Ints, ring: Ints) -> int:
    """Computes the cycle of the pipeline's next read; -1 if it is not known yet."""
    i, o, mask, come = cells[p, I0], cells[p, O0], cells[p, E] - 1, cells[p, TABLE]
    n, given = ch[i, MOVED], ch[o, MOVED]
    if free(ch, i) or cells[p, I1] >= 0 and free(ch, cells[p, I1]):
        return -1
    t = ch[i, OFFERED]
    if n or cells[p, S0]:
        t = max(t, cells[p, S0 + 1] + 1)
    if cells[p, I1] >= 0:
        t = max(t, ch[cells[p, I1], OFFERED])
    if cells[p, D]:
        if given < n:
            return -1
        return max(t, at(ch, ring, o, n - 1)) if n else t
    while cells[p, S0 + 2] < n:
        k = cells[p, S0 + 2]
        arrived = tab[come + (k & mask)]
        if k == given:
            return -1 if arrived <= t else t
        left = at(ch, ring, o, k)
        if left > t:
            if arrived > t:
                return t
            t = left
        cells[p, S0 + 2] += 1
        cells[p, S0 + 3] += left - arrived
    return t


@njit
def rows(cells: Ints, p: int, tab: Ints, ch: Ints, ring: Ints, todo: Ints, marks: Ints,
         period: int) -> None:
    """Buffers rows of an image: see ``Net.rows``."""
    i, o, line, slots = cells[p, I0], cells[p, O0], cells[p, A], cells[p, B]
    each, height, rows = cells[p, C], cells[p, D], cells[p, E]
    gone = ch[i, MOVED] // line - slots
    wanted = 0
    if gone >= 0:
        wanted = (gone // height * rows + tab[cells[p, TABLE] + rows + gone % height] + 1) * each
    if not free(ch, i) and ch[o, MOVED] >= wanted:
        t = ch[i, OFFERED]
        if wanted:
            t = max(t, at(ch, ring, o, wanted - 1) + 1)
        move(ch, ring, todo, marks, period, i, t)
    if free(ch, o):
        row = ch[o, OFFERS] // each
        lines = row // rows * height + tab[cells[p, TABLE] + row % rows]
        if ch[i, MOVED] >= lines * line:
            t = at(ch, ring, i, lines * line - 1) + 1 if lines else 0
            offer(ch, todo, o, after(ch, ring, o, t))


@njit
def slide(cells: Ints, p: int, tab: Ints, ch: Ints, ring: Ints, todo: Ints, marks: Ints,
          period: int) -> None:
    """Goes through the pixels and pads of an image: see ``Net.slide``.

    States: the next step; the first cycle that it may take."""
    i, o = cells[p, I0], cells[p, O0]
    while free(ch, o):
        step = cells[p, S0]
        does = tab[cells[p, TABLE] + step]
        t = cells[p, S0 + 1]
        if ch[o, MOVED]:
            t = max(t, at(ch, ring, o, ch[o, MOVED] - 1))
        if does & 1:
            if free(ch, i):
                return
            t = max(t, ch[i, OFFERED])
            move(ch, ring, todo, marks, period, i, t)
        cells[p, S0] = step + 1 if step + 1 < cells[p, A] else 0
        cells[p, S0 + 1] = t + 1
        if does & 2:
            offer(ch, todo, o, t + 1)


@njit
def banks(cells: Ints, p: int, ch: Ints, ring: Ints, todo: Ints, marks: Ints, period: int) -> None:
    """Buffers blocks in two banks: see ``Net.banks``."""
    i, o, length, made, whole = cells[p, I0], cells[p, O0], cells[p, A], cells[p, B], cells[p, C]
    wanted = (ch[i, MOVED] // length - 1) * made
    if not free(ch, i) and ch[o, MOVED] >= wanted:
        t = ch[i, OFFERED]
        if wanted > 0:
            t = max(t, at(ch, ring, o, wanted - 1) + 1)
        move(ch, ring, todo, marks, period, i, t)
    if free(ch, o):
        m = ch[o, OFFERS]
        place = length - 1 if whole else min(m % made, length - 1)
        n = m // made * length + place
        if n < ch[i, MOVED]:
            offer(ch, todo, o, after(ch, ring, o, at(ch, ring, i, n) + 1))

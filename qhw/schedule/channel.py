"""Channels as rows of integers: a beat is offered; the part that takes it says when it moves."""

from enum import IntEnum

from ..tools.compiled import njit

__all__ = [
    "BEATS",
    "FIELDS",
    "I0",
    "I1",
    "INFERENCE",
    "MASK",
    "MOVED",
    "NUMBERS",
    "O0",
    "O1",
    "OFFERED",
    "OFFERS",
    "OFFSET",
    "PLACE",
    "READER",
    "S0",
    "STATES",
    "TABLE",
    "WRITER",
    "A",
    "B",
    "C",
    "D",
    "E",
    "Kind",
    "after",
    "ask",
    "asked",
    "at",
    "free",
    "move",
    "offer",
]


class Kind(IntEnum):
    """What a part does."""

    SOURCE = 0
    SINK = 1
    QUEUE = 2
    EXCHANGE = 3
    PIPELINE = 4
    ROWS = 5
    BANKS = 6
    FORK = 7
    JOIN = 8
    CONCAT = 9
    TAKE = 10
    RUNTIME = 11
    DECODER = 12
    EXPAND = 13


NUMBERS, STATES = 5, 5
A, B, C, D, E = range(1, 1 + NUMBERS)
I0, I1, O0, O1, TABLE, S0 = range(1 + NUMBERS, 7 + NUMBERS)
"""Columns of a part: its kind, numbers, channels, table, and state."""

OFFERED, OFFERS, MOVED, OFFSET, MASK, BEATS, INFERENCE, PLACE, READER, WRITER = range(10)
"""Columns of a channel: since when the newest beat is offered, how many were, how many moved; where
its moves are kept; beats in an inference, and those of the next one that moves; its two parts."""
FIELDS = 10

K0, K1, K2 = 0x1E3779B97F4A7C15, 0x3F58476D1CE4E5B9, 0x14D049BB133111EB


@njit
def at(ch, ring, c, n):
    """The cycle in which beat ``n`` moved."""
    return ring[ch[c, OFFSET] + (n & ch[c, MASK])]


@njit
def ask(todo, part):
    """A part is asked, if it is not yet to be."""
    size = todo[2]
    if not todo[3 + part]:
        todo[3 + part] = 1
        todo[3 + size + todo[1]] = part
        todo[1] = todo[1] + 1 if todo[1] + 1 < size else 0
        todo[0] += 1


@njit
def asked(todo, at):
    """The part at a place of the ring of those to be asked; it is not to be any more."""
    part = todo[3 + todo[2] + at]
    todo[3 + part] = 0
    todo[0] -= 1
    return part


@njit
def offer(ch, todo, c, t):
    """The next beat is there from cycle ``t`` on."""
    ch[c, OFFERED] = t
    ch[c, OFFERS] += 1
    ask(todo, ch[c, READER])


@njit
def free(ch, c):
    """Whether all offered beats have moved."""
    return ch[c, OFFERS] == ch[c, MOVED]


@njit
def move(ch, ring, todo, marks, period, c, t):
    """The beat offered is taken in cycle ``t``."""
    n = ch[c, MOVED]
    ring[ch[c, OFFSET] + (n & ch[c, MASK])] = t
    ch[c, MOVED] = n + 1
    k, place = ch[c, INFERENCE], ch[c, PLACE]
    mark = (t - k * period) * K0 + place * K1 + c * K2
    mark = (mark ^ mark >> 29) * K1
    if k < len(marks):
        marks[k] += mark ^ mark >> 32
    place += 1
    if place == ch[c, BEATS]:
        place = 0
        ch[c, INFERENCE] = k + 1
    ch[c, PLACE] = place
    ask(todo, ch[c, WRITER])


@njit
def after(ch, ring, c, t):
    """Not before ``t``, and after the move of the beat before."""
    n = ch[c, OFFERS]
    return max(t, at(ch, ring, c, n - 1) + 1) if n else t

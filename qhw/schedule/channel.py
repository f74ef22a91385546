"""Channels as rows of integers: a writer offers a beat, and its reader decides when the beat moves.

All rules share these parameters; arrays are int64 and changed in place.

Parameters
----------
cells : parts (parts, columns): kind, numbers ``A`` to ``E``, channels, table, states
p, part : index of the part, a row of ``cells``
tab : all parts' tables, concatenated, (entries,)
ch : channels (channels, ``FIELDS``): the columns below
c : index of the channel, a row of ``ch``
ring : cycles of recent moves, (moves,): a ring buffer for each channel
todo : parts to visit, (3 + 2 * parts,): the number of queued parts, the queue's end, the number of
    parts; then a flag for each part, and the queue
marks : a hash of all moves for each inference, (inferences + 1,)
n : index of a beat in its channel, counted from reset
t : a cycle
count : number of inferences
period : cycles between the starts of two inferences
gaps : idle cycles before each input beat, (beats,)
later : for each cycle, the first cycle from then on in which the sink is ready, (cycles,)
ends : the cycle of each inference's last output beat, (inferences,)
latest : for each inference, the latest cycle of its last output beat; a later one stops the run,
    (inferences,)"""

from enum import IntEnum

from ..tools.compiled import Ints, njit

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
    """The kinds of parts; each has its rule in ``parts``, ``joins`` or ``codes``."""

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
    SLIDE = 14
    START = 15


NUMBERS, STATES = 5, 5
A, B, C, D, E = range(1, 1 + NUMBERS)
I0, I1, O0, O1, TABLE, S0 = range(1 + NUMBERS, 7 + NUMBERS)
"""Columns of a part: its kind, numbers, channels, table, states."""

OFFERED, OFFERS, MOVED, OFFSET, MASK, BEATS, INFERENCE, PLACE, READER, WRITER = range(10)
"""Columns of a channel.

In order: the cycle since which the newest beat is offered, offered beats, moved beats, offset and
mask of its ring buffer, beats of an inference, the inference and the place in it of the next beat
to move, reading part, writing part.
"""
FIELDS = 10

K0, K1, K2 = 0x1E3779B97F4A7C15, 0x3F58476D1CE4E5B9, 0x14D049BB133111EB


@njit
def at(ch: Ints, ring: Ints, c: int, n: int) -> int:
    """Returns the cycle in which beat ``n`` of channel ``c`` moved."""
    return int(ring[ch[c, OFFSET] + (n & ch[c, MASK])])


@njit
def ask(todo: Ints, part: int) -> None:
    """Queues a part for a visit, unless it is queued already."""
    size = todo[2]
    if not todo[3 + part]:
        todo[3 + part] = 1
        todo[3 + size + todo[1]] = part
        todo[1] = todo[1] + 1 if todo[1] + 1 < size else 0
        todo[0] += 1


@njit
def asked(todo: Ints, at: int) -> int:
    """Removes the part at index ``at`` from the queue, and returns it."""
    part = int(todo[3 + todo[2] + at])
    todo[3 + part] = 0
    todo[0] -= 1
    return part


@njit
def offer(ch: Ints, todo: Ints, c: int, t: int) -> None:
    """Offers the next beat of a channel from cycle ``t`` on, and queues its reader."""
    ch[c, OFFERED] = t
    ch[c, OFFERS] += 1
    ask(todo, ch[c, READER])


@njit
def free(ch: Ints, c: int) -> bool:
    """Tells whether all offered beats of channel ``c`` have moved."""
    return ch[c, OFFERS] == ch[c, MOVED]


@njit
def move(ch: Ints, ring: Ints, todo: Ints, marks: Ints, period: int, c: int, t: int) -> None:
    """Moves the offered beat of channel ``c`` in cycle ``t``, updates the inference's hash, and
    queues the writer."""
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
def after(ch: Ints, ring: Ints, c: int, t: int) -> int:
    """Returns ``t``, or the cycle after the previous beat's move in channel ``c`` if that is
    later."""
    n = ch[c, OFFERS]
    return max(t, at(ch, ring, c, n - 1) + 1) if n else t

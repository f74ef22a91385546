"""Networks of the parts that all units consist of, as far as beats are concerned.

A part takes beats and offers beats, and when it does so depends on how many it has taken and given
and on nothing else: never on a value, nor on a beat that is not there. So each move of a beat waits
for certain other moves, always the same, and its cycle is the latest of theirs and a constant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from . import channel as of
from .channel import Kind
from .engine import run

__all__ = ["Channel", "Net", "Played"]


class Channel(NamedTuple):
    """Beats on their way from one part to another."""

    number: int
    beats: int
    """In an inference."""
    early: bool = False
    """Whether one may be offered in the first cycle after reset."""


@dataclass(frozen=True)
class Played:
    """What beats did in a number of inferences."""

    ends: np.ndarray
    """The cycle of each inference's last output beat: fewer than asked for if nothing moves."""
    first: int
    """The cycle of the first input beat."""
    deepest: dict[str, int]
    """By queue, the entries with which no beat would have waited for room in it."""
    full: tuple[str, ...]
    """The queues that are full in the end."""
    marks: np.ndarray
    """By inference, a digest of all cycles from its beginning: alike where these are alike."""
    moves: int
    """Of beats, all together."""

    @property
    def cycles(self) -> np.ndarray:
        """By inference, cycles from the first input beat to its last output beat, both included."""
        return self.ends - self.first + 1


class Net:
    """Parts and channels; each method adds parts behind channels and returns what they offer."""

    def __init__(self, *, worst: bool = False):
        """With ``worst``, pipelines that only move as a whole hold a single beat: as few as they
        ever hold when they are full."""
        self.worst = worst
        self._cells: list[list[int]] = []
        self._tables: list[int] = []
        self._channels: list[Channel] = []
        self._kept: list[int] = []      # moves that are looked back to, by channel
        self._queues: dict[str, int] = {}
        self._out = 0

    def _channel(self, beats: int, early: bool = False) -> Channel:
        made = Channel(len(self._channels), beats, early)
        self._channels.append(made)
        self._kept.append(1)
        return made

    def _keep(self, channel: Channel, moves: int) -> None:
        self._kept[channel.number] = max(self._kept[channel.number], moves)

    def _add(self, kind: Kind, ins: Sequence[Channel], outs: Sequence[Channel], *numbers: int,
             table: Sequence[int] = ()) -> Channel:
        inputs, outputs = [c.number for c in ins[:2]], [c.number for c in outs[:2]]
        row = [int(kind), *numbers, *[0] * (of.NUMBERS - len(numbers)),
               *inputs, *[-1] * (2 - len(inputs)), *outputs, *[-1] * (2 - len(outputs)),
               len(self._tables), *[0] * of.STATES]
        self._tables += table
        self._cells.append(row)
        return outs[0] if outs else ins[0]

    # -- the ends

    def source(self, beats: int) -> Channel:
        """What comes from outside."""
        made = self._channel(beats, early=True)
        self._add(Kind.SOURCE, (), (made,))
        return made

    def sink(self, i: Channel) -> None:
        """What goes outside."""
        self._add(Kind.SINK, (i,), ())
        self._out = i.number
        self._keep(i, 2)

    # -- parts with one input and one output

    def queue(self, i: Channel, depth: int, name: str = "") -> Channel:
        """``depth`` beats in order; a buffer is one of 2. One with a name is measured."""
        o = self._channel(i.beats)
        if name:
            self._queues[name] = len(self._cells)
        self._keep(i, depth + 2)
        self._keep(o, depth + 2)
        return self._add(Kind.QUEUE, (i,), (o,), depth)

    def register(self, i: Channel) -> Channel:
        """One beat, exchanged for the next as it leaves."""
        return self.widen(i, 1)

    def widen(self, i: Channel, count: int) -> Channel:
        """``count`` beats come together in a register."""
        o = self._channel(i.beats // count)
        self._keep(i, count + 1)
        return self._add(Kind.EXCHANGE, (i,), (o,), count, 1)

    def narrow(self, i: Channel, count: int) -> Channel:
        """A beat leaves a register in ``count`` of."""
        o = self._channel(i.beats * count)
        self._keep(o, count + 1)
        return self._add(Kind.EXCHANGE, (i,), (o,), 1, count)

    def pipeline(self, i: Channel, stages: int, *, steps: int = 1, factors: Channel | None = None,
                 each: int = 1) -> Channel:
        """Registers that all stand still while the last one waits; a beat is read ``steps`` times.
        ``factors`` come on a second stream, one for ``each`` beats."""
        if not stages:
            return i
        o = self._channel(i.beats)
        kept = 1 << (stages + 3).bit_length()
        self._keep(i, stages + 2)
        self._keep(o, stages + 2)
        ins = (i,) if factors is None else (i, factors)
        return self._add(Kind.PIPELINE, ins, (o,), stages, steps, each, int(self.worst), kept,
                         table=[0] * (2 * kept))

    def rows(self, i: Channel, line: int, slots: int, ends: Sequence[int], bases: Sequence[int],
             o_beats: int) -> Channel:
        """A buffer of ``slots`` lines of ``line`` beats. Row k of the output, ``o_beats`` beats,
        needs ``ends[k]`` lines of an image; then the first ``bases[k]`` are not needed any more."""
        height, rows = i.beats // line, len(ends)
        gone = [next(k for k in range(rows) if bases[k] > g) for g in range(height)]
        o = self._channel(o_beats * rows)
        # Rows given before the room is looked for that the earliest of them made.
        ahead = 0
        for r in range(2 * height):
            given = sum(t * height + e <= r for t in range(2) for e in ends)
            g = r - slots
            ahead = max(ahead, given - (g // height * rows + gone[g % height] if g >= 0 else 0))
        self._keep(i, (slots + 1) * line + 2)
        self._keep(o, (ahead + 2) * o_beats + 2)
        return self.register(self._add(Kind.ROWS, (i,), (o,), line, slots, o_beats, height, rows,
                                       table=[*ends, *gone]))

    def banks(self, i: Channel, length: int, made: int, *, whole: bool) -> Channel:
        """Two banks of ``length`` beats, from each of which ``made`` are read: as they come, or
        where ``whole`` once the last one is there."""
        o = self._channel(i.beats // length * made)
        self._keep(i, 2 * length + 2)
        self._keep(o, 2 * made + 2)
        return self.register(self._add(Kind.BANKS, (i,), (o,), length, made, int(whole)))

    def gate(self, i: Channel, lanes: int, *constants: np.ndarray) -> Channel:
        """Nothing moves in the first cycle where constants, (channels,), are not alike for all
        groups of ``lanes``: then they are read from memory."""
        groups = [values.reshape(-1, lanes) for values in constants]
        if not i.early or all((values == values[0]).all() for values in groups):
            return i
        o = self._channel(i.beats)
        return self._add(Kind.FORK, (i,), (o,), 1, 1, table=[o.number])

    def take(self, i: Channel, first: int, count: int, whole: int) -> Channel:
        """Of ``whole`` beats ``count``, the others are dropped."""
        o = self._channel(i.beats // whole * count, i.early)
        return self._add(Kind.TAKE, (i,), (o,), first, count, whole)

    # -- parts with several

    def fork(self, i: Channel, ways: int) -> list[Channel]:
        """Each beat to each of the ways; it is held until the last one has taken it."""
        outs = [self._channel(i.beats, i.early) for _ in range(ways)]
        self._add(Kind.FORK, (i,), outs, ways, 0, table=[o.number for o in outs])
        return outs

    def join(self, ins: Sequence[Channel]) -> Channel:
        """A beat of each of two into one register."""
        return self._add(Kind.JOIN, ins, (self._channel(ins[0].beats),))

    def concat(self, ins: Sequence[Channel], counts: Sequence[int]) -> Channel:
        """So many beats of each, in turn."""
        o = self._channel(sum(i.beats for i in ins), all(i.early for i in ins))
        table = [n for i, count in zip(ins, counts, strict=True) for n in (i.number, count)]
        return self._add(Kind.CONCAT, ins, (o,), len(ins), table=table)

    def runtime(self, i: Channel, length: int, wait: int) -> tuple[Channel, Channel]:
        """A vector is received, thought over for ``wait`` cycles, and put out before the next is
        received: its beats, and a factor before them."""
        o, f = self._channel(i.beats), self._channel(i.beats // length)
        self._keep(i, length + 1)
        self._keep(o, length + 1)
        self._keep(f, 2)
        self._add(Kind.RUNTIME, (i,), (o, f), length, wait)
        return self.register(o), f

    # -- weights in codes

    def decoder(self, lengths: np.ndarray, word: int, longest: int, beats: int) -> Channel:
        """Symbols whose codes have ``lengths`` bits, over and over, from words of memory."""
        o = self._channel(beats)
        bits = [0, *np.cumsum(lengths).tolist()]
        pad = -bits[-1] % word
        bits[-1] += pad
        kept = 1 << (3 * word).bit_length()
        self._add(Kind.DECODER, (), (o,), len(lengths), word, longest, int(bits[-1] > word), kept,
                  table=[*bits, *[0] * kept, pad])
        return o

    def expand(self, ins: Sequence[Channel], counts: Sequence[int], beats: int) -> Channel:
        """Beat by beat of two, ``counts`` beats, over and over."""
        o = self._channel(beats)
        self._keep(o, max(counts) + 1)
        return self._add(Kind.EXPAND, ins, (o,), len(counts), table=counts)

    # -- what happens

    def play(self, count: int, *, period: int = 0, gaps: np.ndarray | None = None,
             ready: np.ndarray | None = None, each: bool = False,
             latest: np.ndarray | None = None) -> Played:
        """``count`` inferences; inference k is not offered before cycle ``k * period``. With
        ``each`` the ends are those of every output beat, not of every inference.

        Parameters
        ----------
        gaps : cycles before each input beat in which none is offered, (beats,)
        ready : whether an output beat is taken, by cycle; beyond the last, always
        latest : by inference, the cycle after which its last output beat ends everything
        """
        cells = np.array(self._cells, np.int64)
        sizes = [1 << max(kept - 1, 1).bit_length() for kept in self._kept]
        offsets = np.cumsum([0, *sizes])
        state = np.zeros((len(sizes), of.FIELDS), np.int64)
        state[:, of.OFFSET], state[:, of.MASK] = offsets[:-1], np.array(sizes) - 1
        state[:, of.BEATS] = [c.beats for c in self._channels]
        for k, row in enumerate(cells):
            self._ends(k, row, state)
        out = self._channels[self._out]
        if each:
            state[out.number, of.BEATS] = 1
        ends = np.zeros(count * out.beats if each else count, np.int64)
        marks = np.zeros(count + 1, np.int64)
        later = np.zeros(0, np.int64) if ready is None else _next(ready)
        first, done = run(
            cells, np.array(self._tables or [0], np.int64), state,
            np.zeros(offsets[-1], np.int64), ends, marks, count, period,
            np.zeros(0, np.int64) if gaps is None else gaps, later,
            np.zeros(0, np.int64) if latest is None else latest)
        names = self._queues.items()
        return Played(ends[:done], int(first),
                      {name: int(cells[k, of.S0 + 2]) for name, k in names},
                      tuple(name for name, k in names if state[cells[k, of.I0], of.MOVED]
                            - state[cells[k, of.O0], of.MOVED] == cells[k, 1]),
                      marks[:count], int(state[:, of.MOVED].sum()))

    def _ends(self, k: int, row: np.ndarray, state: np.ndarray) -> None:
        """Who takes from a part's channels, and who gives to them."""
        kind, table = row[0], self._tables[row[of.TABLE]:]
        ins = [c for c in row[of.I0:of.I0 + 2] if c >= 0]
        outs = [c for c in row[of.O0:of.O0 + 2] if c >= 0]
        if kind == Kind.CONCAT:
            ins = table[:2 * row[1]:2]
        if kind == Kind.FORK:
            outs = table[:row[1]]
        state[ins, of.READER], state[outs, of.WRITER] = k, k


def _next(ready: np.ndarray) -> np.ndarray:
    """By cycle, the first one not before it in which there is a beat taken."""
    places = np.where(ready, np.arange(len(ready)), len(ready))
    return np.minimum.accumulate(places[::-1])[::-1].astype(np.int64)

"""A network of parts: the model of every unit for the movement of beats.

A part takes beats and offers beats. Its times depend only on the numbers of beats taken and offered
before, never on a beat's value. Each move of a beat therefore waits for the same other moves every
time, and its cycle is the latest of theirs plus a constant."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from . import channel as of
from .channel import Kind
from .engine import run
from .played import Played

__all__ = ["Channel", "Net"]


class Channel(NamedTuple):
    """A stream between two parts."""

    number: int
    beats: int
    """Beats of an inference."""
    early: bool = False
    """Whether a beat may be offered in the first cycle after reset."""


class Net:
    """Parts and channels; each method adds a part behind channels and returns its output channel.
    """

    def __init__(self, *, worst: bool = False):
        """With ``worst``, pipelines that only move as a whole hold a single beat: the least that
        they ever hold when full."""
        self.worst = worst
        self._cells: list[list[int]] = []
        self._tables: list[int] = []
        self._channels: list[Channel] = []
        self._kept: list[int] = []      # length of the ring buffer, by channel
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

    @property
    def parts(self) -> tuple[object, ...]:
        """All that a play depends on; nets of equal parts move alike."""
        return (self.worst, tuple(map(tuple, self._cells)), tuple(self._tables),
                tuple(self._channels), tuple(self._kept), self._out)

    # -- the ends

    def source(self, beats: int) -> Channel:
        """Adds the input with ``beats`` beats an inference."""
        return self._add(Kind.SOURCE, (), (self._channel(beats, early=True),))

    def sink(self, i: Channel) -> None:
        """Adds the output."""
        self._add(Kind.SINK, (i,), ())
        self._out = i.number
        self._keep(i, 2)

    # -- parts with one input and one output

    def queue(self, i: Channel, depth: int, name: str = "") -> Channel:
        """Adds a queue of ``depth`` beats behind ``i``; with a ``name`` its largest fill is
        recorded. A skid buffer is a queue of 2 beats."""
        o = self._channel(i.beats)
        if name:
            self._queues[name] = len(self._cells)
        self._keep(i, depth + 2)
        self._keep(o, depth + 2)
        return self._add(Kind.QUEUE, (i,), (o,), depth)

    def register(self, i: Channel) -> Channel:
        """Adds a register of one beat; it takes the next one in the cycle in which that leaves."""
        return self.widen(i, 1)

    def widen(self, i: Channel, count: int, beats: int = 0) -> Channel:
        """Adds a register that makes one of ``count`` beats, and of the rest of ``beats`` beats."""
        beats = beats or count
        o = self._channel(i.beats // beats * -(-beats // count))
        self._keep(i, count + 1)
        return self._add(Kind.EXCHANGE, (i,), (o,), count, 1, beats, -(-beats // count))

    def narrow(self, i: Channel, count: int, beats: int = 0) -> Channel:
        """Adds a register that makes ``count`` beats of one, and of every last one the rest of
        ``beats`` beats."""
        beats = beats or count
        o = self._channel(i.beats // -(-beats // count) * beats)
        self._keep(o, count + 1)
        return self._add(Kind.EXCHANGE, (i,), (o,), 1, count, -(-beats // count), beats)

    def pipeline(self, i: Channel, stages: int, *, steps: int = 1, factors: Channel | None = None,
                 each: int = 1) -> Channel:
        """Adds registers that all stall while the last one waits.

        Parameters
        ----------
        i : the channel before it
        stages : registers in series
        steps : cycles for which each beat is read
        factors : a second stream, if the unit has one
        each : beats of ``i`` for one beat of ``factors``"""
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
        """Adds a line buffer with a register behind it.

        Parameters
        ----------
        i : the channel before it
        line : beats of an image row
        slots : rows in the buffer
        ends : image rows that each output row needs, (output rows,)
        bases : image rows that each output row frees, counted from the image's first, (output
            rows,)
        o_beats : beats of an output row
        """
        height, rows = i.beats // line, len(ends)
        gone = [next(k for k in range(rows) if bases[k] > g) for g in range(height)]
        o = self._channel(o_beats * rows)
        # Output rows that can start before the buffer needs the room that their first one frees.
        ahead = 0
        for r in range(2 * height):
            given = sum(t * height + e <= r for t in range(2) for e in ends)
            g = r - slots
            ahead = max(ahead, given - (g // height * rows + gone[g % height] if g >= 0 else 0))
        # Rows that a buffer has beyond one that an output row needs, if it frees others first.
        more = max(before - end for before, end in zip((0, *bases), ends, strict=False))
        self._keep(i, (slots + max(more, 0) + 1) * line + 2)
        self._keep(o, (ahead + 2) * o_beats + 2)
        return self.register(self._add(Kind.ROWS, (i,), (o,), line, slots, o_beats, height, rows,
                                       table=[*ends, *gone]))

    def slide(self, i: Channel, takes: np.ndarray, gives: np.ndarray) -> Channel:
        """Adds shift registers that go a step each cycle, unless a beat waits at their output.

        Parameters
        ----------
        i : the channel before them
        takes, gives : whether a step takes an input beat, and whether an output beat follows,
            bool (steps,), repeated; the first step takes one
        """
        o = self._channel(i.beats // int(takes.sum()) * int(gives.sum()))
        self._keep(o, 2)
        return self._add(Kind.SLIDE, (i,), (o,), len(takes), table=(takes + 2 * gives).tolist())

    def banks(self, i: Channel, length: int, made: int, *, whole: bool) -> Channel:
        """Adds two banks of ``length`` beats and a register behind ``i``; ``made`` beats are read
        from each bank.

        With ``whole`` a bank is read only after its last beat has arrived."""
        o = self._channel(i.beats // length * made)
        self._keep(i, 2 * length + 2)
        self._keep(o, 2 * made + 2)
        return self.register(self._add(Kind.BANKS, (i,), (o,), length, made, int(whole)))

    def gate(self, i: Channel, lanes: int, *constants: np.ndarray) -> Channel:
        """Delays the start by a cycle if ``constants`` (channels,) differ between groups of
        ``lanes``.

        Such constants come from a ROM, which has no word in the first cycle.
        """
        groups = [values.reshape(-1, lanes) for values in constants]
        if not i.early or all((values == values[0]).all() for values in groups):
            return i
        o = self._channel(i.beats)
        return self._add(Kind.FORK, (i,), (o,), 1, 1, table=[o.number])

    def take(self, i: Channel, first: int, count: int, whole: int) -> Channel:
        """Adds a selection of beats; the others are dropped.

        Parameters
        ----------
        i : the channel before it
        first : index of the first beat kept
        count : beats kept
        whole : beats of a group, kept and dropped"""
        o = self._channel(i.beats // whole * count, i.early)
        return self._add(Kind.TAKE, (i,), (o,), first, count, whole)

    # -- loops

    def start(self, beats: int, first: int) -> tuple[Channel, Channel]:
        """Adds the start of a loop of ``beats`` beats an inference, of which ``first`` beats leave
        after reset; returns the channel behind it, and the one that ``back`` ends."""
        o, end = self._channel(beats, early=True), self._channel(beats)
        return self._add(Kind.START, (end,), (o,), first), end

    def back(self, i: Channel, end: Channel) -> Channel:
        """Adds a fork into the channel ``end`` of a loop and the channel that it returns."""
        o = self._channel(i.beats, i.early)
        return self._add(Kind.FORK, (i,), (o, end), 2, 0, table=[o.number, end.number])

    # -- parts with several

    def fork(self, i: Channel, ways: int) -> list[Channel]:
        """Adds a fork into ``ways`` channels; a beat is held until the last of them has taken it.
        """
        outs = [self._channel(i.beats, i.early) for _ in range(ways)]
        self._add(Kind.FORK, (i,), outs, ways, 0, table=[o.number for o in outs])
        return outs

    def join(self, ins: Sequence[Channel]) -> Channel:
        """Adds a register that takes one beat of each of two channels together."""
        return self._add(Kind.JOIN, ins, (self._channel(ins[0].beats),))

    def concat(self, ins: Sequence[Channel], counts: Sequence[int]) -> Channel:
        """Adds a concatenation: in turn ``counts[k]`` beats of each channel ``ins[k]``."""
        o = self._channel(sum(i.beats for i in ins), all(i.early for i in ins))
        table = [n for i, count in zip(ins, counts, strict=True) for n in (i.number, count)]
        return self._add(Kind.CONCAT, ins, (o,), len(ins), table=table)

    def runtime(self, i: Channel, length: int, wait: int) -> tuple[Channel, Channel]:
        """Adds a unit with run-time statistics behind ``i``; returns the channels of beats and
        factors.

        A vector has ``length`` beats; its factor is offered ``wait`` cycles after its last beat."""
        o, f = self._channel(i.beats), self._channel(i.beats // length)
        self._keep(i, length + 1)
        self._keep(o, length + 1)
        self._keep(f, 2)
        self._add(Kind.RUNTIME, (i,), (o, f), length, wait)
        return self.register(o), f

    # -- weights in codes

    def decoder(self, lengths: np.ndarray, word: int, longest: int, beats: int) -> Channel:
        """Adds a source of symbols decoded from a memory, repeated forever.

        Parameters
        ----------
        lengths : bits of each symbol's code, (symbols,)
        word : bits of a memory word
        longest : bits of the longest code
        beats : symbols of an inference
        """
        o = self._channel(beats)
        bits = [0, *np.cumsum(lengths).tolist()]
        pad = -bits[-1] % word
        bits[-1] += pad
        kept = 1 << (3 * word).bit_length()
        self._add(Kind.DECODER, (), (o,), len(lengths), word, longest, int(bits[-1] > word), kept,
                  table=[*bits, *[0] * kept, pad])
        return o

    def expand(self, ins: Sequence[Channel], counts: Sequence[int], beats: int) -> Channel:
        """Adds an expansion: the k-th pair of beats of ``ins`` becomes ``counts[k]`` beats,
        repeated.

        An inference has ``beats`` output beats; ``counts`` are numbers of beats.
        """
        o = self._channel(beats)
        self._keep(o, max(counts) + 1)
        return self._add(Kind.EXPAND, ins, (o,), len(counts), table=counts)

    # -- what happens

    def play(self, count: int, *, period: int = 0, gaps: np.ndarray | None = None,
             ready: np.ndarray | None = None, each: bool = False,
             latest: np.ndarray | None = None) -> Played:
        r"""Plays ``count`` inferences; inference k is offered from cycle ``k * period`` on.

        Parameters
        ----------
        count, period : number of inferences, and cycles between two of them
        gaps : idle cycles before each input beat, (beats,)
        ready : whether the sink is ready in a cycle, bool (cycles,); after the last it is always
            ready
        each : whether ``ends`` has the cycle of every output beat instead of every inference
        latest : for each inference, the latest cycle of its last output beat; a later one stops
            the\n    run, (inferences,)"""
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
        """Enters the reader and the writer of a part's channels."""
        kind, table = row[0], self._tables[row[of.TABLE]:]
        ins = [c for c in row[of.I0:of.I0 + 2] if c >= 0]
        outs = [c for c in row[of.O0:of.O0 + 2] if c >= 0]
        if kind == Kind.CONCAT:
            ins = table[:2 * row[1]:2]
        if kind == Kind.FORK:
            outs = table[:row[1]]
        state[ins, of.READER], state[outs, of.WRITER] = k, k


def _next(ready: np.ndarray) -> np.ndarray:
    """For each cycle, finds the first one from then on in which a beat is taken."""
    places = np.where(ready, np.arange(len(ready)), len(ready))
    return np.minimum.accumulate(places[::-1])[::-1].astype(np.int64)

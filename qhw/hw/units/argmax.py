"""The index of a vector's largest element."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, unsigned
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...exact.num import Int
from ...pe.stages import cuts
from ...tools.hdl import Component, like
from ..fabric import PATH, STAGED, Fabric, Parts, added
from ..storage.memory import per_group
from ..streams.stream import beats, step

__all__ = ["ArgMaxUnit", "most_stages"]

Wire = Callable[[str, Any, Any], Signal]
EQUAL, TAKE = 2, 1
"""Levels of the test for equality in ``>``, and from a comparison to the register that it stops."""


def most_stages(channels: int, pe: int) -> int:
    """Returns the most registers for a clock of ``pe`` lanes: one for each comparison of the path,
    but the last."""
    rounds = (pe - 1).bit_length()
    return max(rounds, 1) if pe < channels else max(rounds - 1, 0)


class ArgMaxUnit(Component):
    """Finds the index of the largest channel of each vector.

    Among equals the higher ``rank`` wins, then the lower index. The output beat is valid one cycle
    after the vector's last beat was taken, and another cycle after it for each register for a
    clock. One of these stands before the comparison with the largest so far, the others inside the
    tournament of the lanes.

    Parameters
    ----------
    rank : integers (channels,) that break ties
    x : interval of the integers
    pe : lanes, a divisor of the channels; ValueError otherwise
    stages : registers for a clock, at most ``most_stages``; ValueError otherwise
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, rank: np.ndarray, *, x: Int, pe: int, stages: int = 0):
        channels = len(rank)
        if channels % pe:
            raise ValueError(f"PE must divide the {channels} channels, and {pe!r} does not")
        most = most_stages(channels, pe)
        if not 0 <= stages <= most:
            raise ValueError(f"stages must be 0 to {most}, and {stages!r} is not")
        self.x, self.y, self.pe, self.rank = x, Int(0, channels - 1), pe, rank.reshape(-1, pe)
        self.rounds = (pe - 1).bit_length()
        before = [self.rounds] if stages and pe < channels else []
        self.at = cuts(self.rounds, stages - len(before)) + before
        """Rounds of the tournament before each register."""
        super().__init__({"i": In(beats(x.shape, pe)), "o": Out(beats(self.y.shape, 1))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        ranks = Int.of(self.rank)
        low = ranks.width if ranks.lo != ranks.hi else 0
        beat = Signal(range(len(self.rank)))
        take = Signal()
        came = Signal() if self.at else take
        found, known = per_group(m, "rank", self.rank, ranks, came)
        held = [Signal(name=f"held{k}") for k in range(len(self.at))]
        free = self.o.ready | ~self.o.valid
        move = free | ~held[-1] if held else free
        m.d.comb += [
            self.i.ready.eq(move & known),
            came.eq(self.i.valid & self.i.ready),
        ]
        if held:
            m.d.comb += take.eq(held[-1] & free)
            with m.If(move):
                m.d.sync += [after.eq(before) for before, after in pairwise([came, *held])]
        keys = [Cat(rank, x) if low else x for x, rank in zip(self.i.payload, found, strict=True)]
        if low and self.x.shape.signed:
            keys = [key.as_signed() for key in keys]

        def wire(name: str, shape: Any, value: Any) -> Signal:
            made = Signal(shape, name=name)
            m.d.comb += made.eq(value)
            return made

        def kept(value: Value) -> Value:
            if isinstance(value, Const):
                return value
            made = Signal(value.shape(), name="kept")
            with m.If(move):
                m.d.sync += made.eq(value)
            return made

        base = Signal(self.y.shape)
        value, index = self._largest(keys, base, wire, kept)
        best = like(value)
        better = Signal()
        m.d.comb += better.eq((beat == 0) | self._above(value, best))
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(take):
            with m.If(better):
                m.d.sync += [best.eq(value), self.o.payload[0].eq(index)]
            m.d.sync += [self.o.valid.eq(0), base.eq(base + self.pe)]
            with step(m, beat, len(self.rank)):
                m.d.sync += [self.o.valid.eq(1), base.eq(0)]
        return m

    def _above(self, a: Any, b: Any) -> Value:
        """Builds a > b; in the form for a clock, for which synthesis makes no test for equality."""
        return b < a if self.at else a > b

    def _largest(self, keys: list[Any], base: Value, wire: Wire, kept: Callable[[Any], Any]
                 ) -> tuple[Any, Any]:
        """Builds a tournament that finds the first of the largest of ``keys``; returns it and its
        index, ``base`` more than its place.

        ``wire`` is a function (name, shape, value) that returns a signal with the value, ``kept``
        one that returns a register of a value."""
        pairs: list[tuple[Any, Any]] = [
            (key, Const(k) if self.at else base + k) for k, key in enumerate(keys)]
        for done in range(self.rounds + 1):
            if done in self.at:
                pairs = [(kept(key), kept(index)) for key, index in pairs]
            winners = list[tuple[Any, Any]]()
            for (a, i), (b, j) in zip(pairs[::2], pairs[1::2], strict=False):
                second = wire("second", unsigned(1), self._above(b, a))
                winners.append((wire("value", a.shape(), Mux(second, b, a)),
                                wire("index", self.y.shape, Mux(second, j, i))))
            pairs = winners + pairs[len(winners) * 2:]
        (key, index), = pairs
        return key, base + index if self.at else index

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the tournament, the comparison with the best so far, and the ranks."""
        ranks, beats = Int.of(self.rank), len(self.rank)
        width = self.x.width + (ranks.width if ranks.lo != ranks.hi else 0)
        index, base, e = self.y.width, Signal(self.y.shape), chip.expressions()
        staged = list[Value]()

        def kept(value: Any) -> Any:
            if isinstance(value, Const):
                return value
            staged.append(value)
            return e.register(value)

        value, place = self._largest([Signal(width) for _ in range(self.pe)], base,
                                     lambda _, shape, value: e.assign(Signal(shape), value), kept)
        e.need(value, place)
        if beats > 1:
            e.need(self._above(value, Signal(width)))
        best = width if beats > 1 else 0
        return added(chip.per_group(self.rank, ranks)[0], chip.counter(beats),
                     chip.mapped(e, staged),
                     {"argmax": 1, "ff.lone": best, "ff": 1 + index * (1 + (beats > 1)),
                      "alu": index if beats > 1 else 0, PATH: self._path(chip, width)},
                     {"ff.lone": len(self.at), STAGED: 1} if self.at else {})

    def _path(self, chip: Fabric, width: int) -> float:
        """Computes the longest path between registers in nanoseconds, of keys of ``width`` bits."""
        each = chip.comparing(Signal(width) < Signal(width)) + chip.levels(0 if self.at else EQUAL)
        lengths = [b - a for a, b in pairwise([0, *self.at, self.rounds])]
        paths = [length * (each + chip.levels(1)) for length in lengths]
        if len(self.rank) > 1:
            paths[-1] += each + chip.levels(TAKE)
        return max(paths)

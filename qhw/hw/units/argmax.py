"""The index of a vector's largest element."""

from collections.abc import Callable
from typing import Any

import numpy as np
from amaranth.hdl import Cat, Module, Mux, Signal, unsigned
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...exact.num import Int
from ...tools.hdl import Component, like
from ..fabric import Fabric, Parts, added
from ..storage.memory import per_group
from ..streams.stream import beats, step

__all__ = ["ArgMaxUnit"]

Wire = Callable[[str, Any, Any], Signal]


class ArgMaxUnit(Component):
    """Finds the index of the largest channel of each vector.

    Among equals the higher ``rank`` wins, then the lower index. The output beat is valid one cycle
    after the vector's last beat was taken.

    Parameters
    ----------
    rank : integers (channels,) that break ties
    x : interval of the integers
    pe : lanes, a divisor of the channels; ValueError otherwise
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, rank: np.ndarray, *, x: Int, pe: int):
        channels = len(rank)
        if channels % pe:
            raise ValueError(f"PE must divide the {channels} channels, and {pe!r} does not")
        self.x, self.y, self.pe, self.rank = x, Int(0, channels - 1), pe, rank.reshape(-1, pe)
        super().__init__({"i": In(beats(x.shape, pe)), "o": Out(beats(self.y.shape, 1))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        ranks = Int.of(self.rank)
        low = ranks.width if ranks.lo != ranks.hi else 0
        beat = Signal(range(len(self.rank)))
        take = Signal()
        found, known = per_group(m, "rank", self.rank, ranks, take)
        m.d.comb += [
            self.i.ready.eq((self.o.ready | ~self.o.valid) & known),
            take.eq(self.i.valid & self.i.ready),
        ]
        keys = [Cat(rank, x) if low else x for x, rank in zip(self.i.payload, found, strict=True)]
        if low and self.x.shape.signed:
            keys = [key.as_signed() for key in keys]

        def wire(name: str, shape: Any, value: Any) -> Signal:
            made = Signal(shape, name=name)
            m.d.comb += made.eq(value)
            return made

        base = Signal(self.y.shape)
        value, index = self._largest([(key, base + k) for k, key in enumerate(keys)], wire)
        best = like(value)
        better = Signal()
        m.d.comb += better.eq((beat == 0) | (value > best))
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(take):
            with m.If(better):
                m.d.sync += [best.eq(value), self.o.payload[0].eq(index)]
            m.d.sync += [self.o.valid.eq(0), base.eq(base + self.pe)]
            with step(m, beat, len(self.rank)):
                m.d.sync += [self.o.valid.eq(1), base.eq(0)]
        return m

    def _largest(self, pairs: list[tuple[Any, Any]], wire: Wire) -> tuple[Any, Any]:
        """Builds a tournament that finds the first of the largest of (value, index) pairs.

        ``wire`` is a function (name, shape, value) that returns a signal with the value.
        """
        while len(pairs) > 1:
            winners = list[tuple[Any, Any]]()
            for (a, i), (b, j) in zip(pairs[::2], pairs[1::2], strict=False):
                second = wire("second", unsigned(1), b > a)
                winners.append((wire("value", a.shape(), Mux(second, b, a)),
                                wire("index", self.y.shape, Mux(second, j, i))))
            pairs = winners + pairs[len(winners) * 2:]
        return pairs[0]

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the tournament, the comparison with the best so far, and the ranks."""
        ranks, beats = Int.of(self.rank), len(self.rank)
        width = self.x.width + (ranks.width if ranks.lo != ranks.hi else 0)
        index, base, e = self.y.width, Signal(self.y.shape), chip.expressions()
        value, place = self._largest([(Signal(width), base + k) for k in range(self.pe)],
                                     lambda _, shape, value: e.assign(Signal(shape), value))
        e.need(value, place)
        if beats > 1:
            e.need(value > Signal(width))
        kept = width if beats > 1 else 0
        return added(chip.per_group(self.rank, ranks)[0], chip.counter(beats), chip.mapped(e),
                     {"argmax": 1, "ff.lone": kept, "ff": 1 + index * (1 + (beats > 1)),
                      "alu": index if beats > 1 else 0})

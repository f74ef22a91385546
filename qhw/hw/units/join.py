"""Forks and joins of streams: copies, sums, concatenation of channels, selection of channels."""

from typing import Any

import numpy as np
from amaranth.hdl import Module, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...exact.num import Int
from ...tools.hdl import Component, ShapeLike, like
from ..fabric import Fabric, Parts, added
from ..storage.memory import per_group
from ..streams.stream import beats, paired, step

__all__ = ["ConcatUnit", "Fork", "SumUnit", "TakeUnit"]


class Fork(Component):
    """Copies each beat to all outputs, to each as soon as it is ready.

    The outputs are ``o0``, ``o1``, ...; a beat is taken once all of them have it."""

    i: stream.Interface

    def __init__(self, shape: ShapeLike, lanes: int, count: int):
        self.count = count
        super().__init__({"i": In(beats(shape, lanes)),
                          **{f"o{k}": Out(beats(shape, lanes)) for k in range(count)}})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        all_: Any = 1
        for k in range(self.count):
            o, had, has = getattr(self, f"o{k}"), Signal(name=f"had{k}"), Signal(name=f"has{k}")
            m.d.comb += [o.payload.eq(self.i.payload), o.valid.eq(self.i.valid & ~had),
                         has.eq(had | o.ready)]
            with m.If(self.i.valid):
                m.d.sync += had.eq(has & ~self.i.ready)
            all_ = all_ & has
        m.d.comb += self.i.ready.eq(all_)
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Counts a flag an output."""
        return {"fork": self.count, "ff": self.count}


class SumUnit(Component):
    """Multiplies two streams by constant factors and adds the products, one cycle later.

    The result is ``a * x + b * y``, with a factor for each channel.

    Parameters
    ----------
    a, b : integer factors (channels,)
    xs : intervals of x and y
    y : interval of the result
    lanes : channels a beat
    """

    i0: stream.Interface
    i1: stream.Interface
    o: stream.Interface

    def __init__(self, a: np.ndarray, b: np.ndarray, *, xs: tuple[Int, Int], y: Int, lanes: int):
        self.factors = [f.reshape(-1, lanes) for f in (a, b)]
        self.lanes = lanes
        super().__init__({"i0": In(beats(xs[0].shape, lanes)), "i1": In(beats(xs[1].shape, lanes)),
                          "o": Out(beats(y.shape, lanes))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        take = Signal()
        streams = (self.i0, self.i1)
        rows = [per_group(m, f"factor{k}", f, Int.of(f), take)
                for k, f in enumerate(self.factors)]
        known = rows[0][1] & rows[1][1]
        free = (self.o.ready | ~self.o.valid) & known
        with paired(m, take, self.i0, self.i1, self.o, free):
            for k in range(self.lanes):
                x, y = (s.payload[k] * row[k] for s, (row, _) in zip(streams, rows, strict=True))
                m.d.sync += self.o.payload[k].eq(x + y)
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the factors, products and sums."""
        e = chip.expressions()
        parts, rows = added({"sum": 1, "ff": 1}), list[list[Any]]()
        for factor in self.factors:
            made, values = chip.per_group(factor, Int.of(factor))
            parts = added(parts, made)
            rows.append(values)
        width = len(Value.cast(self.o.payload)) // self.lanes
        streams = (self.i0, self.i1)
        totals = [e.assign(Signal(width), like(streams[0].payload[k]) * rows[0][k]
                           + like(streams[1].payload[k]) * rows[1][k])
                  for k in range(self.lanes)]
        return added(parts, chip.mapped(e, totals))


class ConcatUnit(Component):
    """Concatenates the channels of several streams, in each pixel in the order of the streams.

    An output pixel consists of ``beats_each[k]`` beats of each stream ``i{k}``, in order."""

    o: stream.Interface

    def __init__(self, codes: list[Int], y: Int, beats_each: list[int], lanes: int):
        self.beats_each = beats_each
        super().__init__({**{f"i{k}": In(beats(c.shape, lanes)) for k, c in enumerate(codes)},
                          "o": Out(beats(y.shape, lanes))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        turn = Signal(range(len(self.beats_each)))
        place = Signal(range(max(self.beats_each)))
        with m.Switch(turn):
            for k, count in enumerate(self.beats_each):
                i = getattr(self, f"i{k}")
                with m.Case(k):
                    m.d.comb += [a.eq(b) for a, b in zip(self.o.payload, i.payload, strict=True)]
                    m.d.comb += [self.o.valid.eq(i.valid), i.ready.eq(self.o.ready)]
                    with m.If(i.valid & self.o.ready):
                        m.d.sync += place.eq(place + 1)
                        with m.If(place == count - 1):
                            m.d.sync += [place.eq(0), turn.eq((k + 1) % len(self.beats_each))]
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the counters and the selection of a stream."""
        count = len(self.beats_each)
        return added(chip.counter(max(self.beats_each)), chip.counter(count),
                     {"concat.bit": (count - 1) * len(Value.cast(self.o.payload)), "concat": count})


class TakeUnit(Component):
    """Passes a fixed range of each pixel's beats and drops the others.

    Of ``whole`` beats, ``count`` are passed from beat ``first`` on."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike, lanes: int, first: int, count: int, whole: int):
        self.first, self.count, self.whole = first, count, whole
        super().__init__({"i": In(beats(shape, lanes)), "o": Out(beats(shape, lanes))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        place = Signal(range(self.whole))
        kept = Signal()
        m.d.comb += [
            kept.eq((place >= self.first) & (place < self.first + self.count)),
            self.o.payload.eq(self.i.payload),
            self.o.valid.eq(self.i.valid & kept),
            self.i.ready.eq(self.o.ready | ~kept),
        ]
        with m.If(self.i.valid & self.i.ready):
            step(m, place, self.whole)
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the counter of beats."""
        return added(chip.counter(self.whole), {"take": 1})

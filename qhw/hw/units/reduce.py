"""Reduction: several beats become one, with the maximum, the minimum or the sum of each lane."""

from typing import Any, Literal

import numpy as np
from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out, flipped

from ...exact.num import Int
from ...exact.window import Window
from ...tools.hdl import ArrayLayout, Component, Memory, ShapeLike, View, connect
from ..fabric import Fabric, Parts, added
from ..storage.memory import per_group
from ..streams.stream import beats, step
from ..streams.window import WindowUnit

__all__ = ["PoolUnit", "ReduceUnit", "TallyUnit"]

How = Literal["max", "sum"]


class ReduceUnit(Component):
    """Reduces several beats to their maximum, minimum or sum, lane by lane.

    ``count`` beats of ``x`` become one of ``y``, a cycle after the last of them.

    Parameters
    ----------
    how : ``"max"`` or ``"sum"``
    count : input beats of one output beat
    flip : bool (groups, lanes); true for the minimum instead of the maximum
    x, y : intervals of the inputs and of the result
    none : an integer that ``"max"`` ignores, if any
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, how: How, count: int, flip: np.ndarray, *, x: Int, y: Int,
                 none: int | None = None):
        self.how, self.count, self.flip, self.y, self.none = how, count, flip, y, none
        lanes = flip.shape[1]
        super().__init__({"i": In(beats(x.shape, lanes)), "o": Out(beats(y.shape, lanes))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        place = Signal(range(self.count))
        take = Signal()
        done = Signal()
        flips, known = per_group(m, "flip", self.flip.astype(np.int64), Int(0, 1), done)
        m.d.comb += [
            self.i.ready.eq((self.o.ready | ~self.o.valid) & known),
            take.eq(self.i.valid & self.i.ready),
        ]
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(take):
            m.d.sync += self.o.valid.eq(0)
            with step(m, place, self.count):
                m.d.sync += self.o.valid.eq(1)
                m.d.comb += done.eq(1)
            for k, (x, so_far) in enumerate(zip(self.i.payload, self.o.payload, strict=True)):
                if self.how == "sum":
                    m.d.sync += so_far.eq(Mux(place == 0, 0, so_far) + x)
                else:
                    better = Signal(name=f"better{k}")
                    m.d.comb += better.eq(Mux(flips[k], x < so_far, x > so_far))
                    with m.If(self._wins(m, k, x, place == 0, better)):
                        m.d.sync += so_far.eq(x)
        return m

    def _wins(self, m: Module, lane: int, x: Any, first: Any, better: Signal) -> Any:
        """Builds the bit that replaces the running result by ``x``: it is ``first``, or ``better``.
        """
        if self.none is None:
            return first | better
        empty, wins = Signal(name=f"empty{lane}"), Signal(name=f"wins{lane}")
        m.d.comb += wins.eq((x != self.none) & (first | empty | better))
        with m.If(first | wins):
            m.d.sync += empty.eq(~wins)
        return wins

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the comparisons or additions of each lane, and the flips."""
        lanes = self.flip.shape[1]
        bits = lanes * self.y.width
        flips, _ = chip.per_group(self.flip.astype(np.int64), Int(0, 1))
        how = {"reduce.sum": bits} if self.how == "sum" else {
            "reduce.max": bits, "reduce.flip": bits * bool(flips)}
        return added(flips, chip.counter(self.count), how, {"reduce": 1, "ff": bits + 1})


class TallyUnit(Component):
    """Adds up each channel of an image that comes in pixel by pixel, and emits the sums.

    The sums so far are in a memory. A sum leaves a cycle after its last pixel.

    Parameters
    ----------
    pixels : number of pixels of an image
    each : beats of a pixel, at least 2; a ``ReduceUnit`` sums pixels of one beat
    x, y : intervals of the elements and of their sums
    lanes : channels a beat
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, pixels: int, each: int, *, x: Int, y: Int, lanes: int):
        self.pixels, self.each, self.y = pixels, each, y
        super().__init__({"i": In(beats(x.shape, lanes)), "o": Out(beats(y.shape, lanes))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        whole = ArrayLayout(self.y.shape, len(self.o.payload))
        m.submodules.sums = memory = Memory(shape=len(self.o.payload.as_value()), depth=self.each,
                                            init=[])
        write, read = memory.write_port(), memory.read_port()
        before, sums = View(whole, read.data), Signal(whole)
        place, pixel = Signal(range(self.each)), Signal(range(self.pixels))
        take, last = Signal(), Signal()
        m.d.comb += [
            last.eq(pixel == self.pixels - 1),
            self.i.ready.eq(self.o.ready | ~self.o.valid | ~last),
            take.eq(self.i.valid & self.i.ready),
            read.en.eq(take), read.addr.eq(Mux(place == self.each - 1, 0, place + 1)),
            write.en.eq(take), write.addr.eq(place), write.data.eq(sums),
            *(sums[k].eq(Mux(pixel == 0, 0, before[k]) + x)
              for k, x in enumerate(self.i.payload)),
        ]
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(take):
            with m.If(last):
                m.d.sync += [self.o.valid.eq(1), self.o.payload.eq(sums)]
            with step(m, place, self.each):
                step(m, pixel, self.pixels)
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the memory, the additions, and the counters of beats and pixels."""
        bits = len(self.o.payload.as_value())
        return added(chip.memory(bits, self.each, writable=True), chip.counter(self.each),
                     chip.counter(self.pixels), {"reduce": 1, "reduce.sum": bits, "ff": bits + 1})


class PoolUnit(Component):
    """Pools an image: reduces the window at each output position to its maximum, minimum or sum.

    ``code`` is the shape of the image's elements, ``x`` their interval with ``fill`` beyond the
    edges.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, code: ShapeLike, window: Window, shape: tuple[int, int, int], how: How,
                 flip: np.ndarray, fill: int, *, x: Int, y: Int, lanes: int,
                 none: int | None = None):
        self.window = WindowUnit(code, window, shape, groups=shape[2] // lanes, fill=fill,
                                 lanes=lanes, y=x.shape)
        self.reduce = ReduceUnit(how, window.taps, flip.reshape(-1, lanes), x=x, y=y, none=none)
        super().__init__({"i": In(beats(code, lanes)), "o": Out(beats(y.shape, lanes))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.window, m.submodules.reduce = window, reduce = self.window, self.reduce
        connect(m, flipped(self.i), window.i)
        connect(m, window.o, reduce.i)
        connect(m, reduce.o, flipped(self.o))
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the window and of the reduction."""
        return added(self.window.made_of(chip), self.reduce.made_of(chip))

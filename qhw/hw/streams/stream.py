"""Streams: the two-entry skid buffer between layers, and converters of the number of lanes.

A beat carries ``lanes`` elements of one tensor, channels last, element 0 in the lowest bits.
"""

from collections.abc import Generator
from contextlib import contextmanager
from math import lcm
from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...tools.hdl import Array, Component, ShapeLike, like
from ..fabric import Fabric, Parts, added

__all__ = ["Buffer", "Narrow", "Register", "Widen", "beats", "paired", "resize", "step"]


def beats(shape: ShapeLike, lanes: int) -> stream.Signature:
    """Makes the signature of a stream with ``lanes`` elements of ``shape`` a beat."""
    return stream.Signature(Array(shape, lanes))


def step(m: Module, counter: Signal, count: int) -> Any:
    """Advances ``counter`` through 0 .. ``count`` - 1. Returns a context for statements that apply
    in the cycle in which it wraps.

    Parameters
    ----------
    m : the module to build into
    counter : a signal wide enough for ``count`` - 1
    count : states, a number of at least 1"""
    m.d.sync += counter.eq(counter + 1)
    with m.If(counter == count - 1):
        m.d.sync += counter.eq(0)
    return m.If(counter == count - 1)


@contextmanager
def paired(m: Module, take: Signal, i0: stream.Interface, i1: stream.Interface,
           o: stream.Interface, free: Value) -> Generator[None]:
    """Takes beats of two streams together into the register of ``o``. Its body has the statements
    that give the register its payload.

    Parameters
    ----------
    m : the module to build into
    take : becomes 1 in the cycles in which both beats are taken
    i0, i1 : the streams, of one beat each
    o : the output, whose payload and valid are registers
    free : whether the register can take a beat"""
    m.d.comb += [take.eq(i0.valid & i1.valid & free),
                 i0.ready.eq(i1.valid & free), i1.ready.eq(i0.valid & free)]
    with m.If(o.ready):
        m.d.sync += o.valid.eq(0)
    with m.If(take):
        m.d.sync += o.valid.eq(1)
        yield


class Buffer(Component):
    """A skid buffer of two entries: full throughput, no combinational path from input to output."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike, lanes: int):
        super().__init__({"i": In(beats(shape, lanes)), "o": Out(beats(shape, lanes))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        spare = like(self.i.payload.as_value())
        full = Signal()
        move = Signal()
        m.d.comb += [self.i.ready.eq(~full), move.eq(self.o.ready | ~self.o.valid)]
        with m.If(move):
            m.d.sync += [
                self.o.valid.eq(self.i.valid | full),
                self.o.payload.eq(spare),
                full.eq(0),
            ]
            with m.If(~full):
                m.d.sync += self.o.payload.eq(self.i.payload)
        with m.Elif(self.i.valid & ~full):
            m.d.sync += [spare.eq(self.i.payload), full.eq(1)]
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of both entries."""
        return chip.buffer(len(self.i.payload.as_value()))


class Register(Component):
    """A register of one beat, of any shape; it takes the next beat in the cycle in which its beat
    leaves."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike):
        super().__init__({"i": In(stream.Signature(shape)), "o": Out(stream.Signature(shape))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += self.i.ready.eq(self.o.ready | ~self.o.valid)
        with m.If(self.i.ready):
            m.d.sync += [self.o.valid.eq(self.i.valid), self.o.payload.eq(self.i.payload)]
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the flip-flops of the beat and of its valid bit."""
        return {"ff": 1, "ff.lone": len(Value.cast(self.i.payload))}


class Widen(Component):
    """Collects several beats into a wider one; the next begins in the cycle in which it leaves.

    ``factor`` input beats become one output beat; the last ones of ``vector`` input beats become an
    output beat too, if they are fewer. An output beat has ``wide`` lanes; lanes of its last input
    beat beyond these are dropped."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike, lanes: int, factor: int, *, wide: int = 0,
                 vector: int = 0):
        self.lanes, self.factor, self.vector = lanes, factor, vector or factor
        super().__init__({"i": In(beats(shape, lanes)),
                          "o": Out(beats(shape, wide or lanes * factor))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        place = Signal(range(self.factor))
        width = len(self.i.payload.as_value())
        m.d.comb += self.i.ready.eq(self.o.ready | ~self.o.valid)
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(self.i.valid & self.i.ready):
            with m.Switch(place):
                for k in range(self.factor):
                    with m.Case(k):
                        m.d.sync += self.o.payload.as_value().word_select(k, width).eq(
                            self.i.payload)
            m.d.sync += self.o.valid.eq(0)
            with step(m, place, self.factor):
                m.d.sync += self.o.valid.eq(1)
            if self.vector % self.factor:
                beat = Signal(range(self.vector))
                with step(m, beat, self.vector):
                    m.d.sync += [place.eq(0), self.o.valid.eq(1)]
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the counters and of the register, which is written one part at a
        time."""
        return added(chip.counter(self.factor), {"widen": 1, "widen.part": self.factor, "ff": 1,
                                                 "ff.lone": len(self.o.payload.as_value())},
                     chip.counter(self.vector) if self.vector % self.factor else {})


class Narrow(Component):
    """Splits a beat into several narrower ones; takes the next as the last part leaves.

    An input beat of ``wide`` lanes becomes ``factor`` output beats, its lowest elements first. The
    last input beat of ``vector`` output beats becomes the rest of them."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike, lanes: int, factor: int, *, wide: int = 0,
                 vector: int = 0):
        self.lanes, self.factor, self.vector = lanes, factor, vector or factor
        self.turns = -(-self.vector // factor)       # input beats of these output beats
        super().__init__({"i": In(beats(shape, wide or lanes * factor)),
                          "o": Out(beats(shape, lanes))})

    def parts(self, turn: Signal) -> Value | int:
        """Builds the number of output beats of input beat ``turn``."""
        if self.vector % self.factor == 0:
            return self.factor
        return Mux(turn == self.turns - 1, self.vector % self.factor, self.factor)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        part = len(self.o.payload.as_value())
        held = Signal(part * self.factor)
        left = Signal(range(self.factor + 1))
        turn = Signal(range(self.turns))
        m.d.comb += [
            self.o.valid.eq(left != 0),
            self.o.payload.as_value().eq(held),
            self.i.ready.eq((left == 0) | (left == 1) & self.o.ready),
        ]
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += [held.eq(held >> part), left.eq(left - 1)]
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [held.eq(self.i.payload), left.eq(self.parts(turn))]
            if self.vector % self.factor:
                step(m, turn, self.turns)
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the counters and of the shift register; its last part loads without a
        multiplexer."""
        bits, part = len(self.i.payload.as_value()), len(self.o.payload.as_value())
        uneven: Parts = {}
        if self.vector % self.factor:
            e = chip.expressions()
            e.need(self.parts(Signal(range(self.turns))))
            uneven = added(chip.counter(self.turns), chip.mapped(e))
        return added(chip.counter(self.factor + 1), {
            "narrow": 1, "narrow.bit": bits - part, "narrow.load": part, "ff": bits}, uneven)


def resize(i_lanes: int, o_lanes: int) -> list[int]:
    """Lists the lane counts in a conversion from ``i_lanes`` to ``o_lanes``; each step runs at the
    rate of the slower end."""
    common = lcm(i_lanes, o_lanes)
    return [lanes for lanes, before in ((common, i_lanes), (o_lanes, common)) if lanes != before]

"""Streams: the two-entry skid buffer between layers, and converters of the number of lanes.

A beat carries ``lanes`` elements of one tensor, channels last, element 0 in the lowest bits.
"""

from collections.abc import Generator
from contextlib import contextmanager
from math import lcm
from typing import Any

from amaranth.hdl import Module, ShapeLike, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ..fabric import Fabric, Parts, added

__all__ = ["Buffer", "Narrow", "Register", "Widen", "beats", "paired", "resize", "step"]


def beats(shape: ShapeLike, lanes: int) -> stream.Signature:
    """Makes the signature of a stream with ``lanes`` elements of ``shape`` a beat."""
    return stream.Signature(data.ArrayLayout(shape, lanes))


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


class Buffer(wiring.Component):
    """A skid buffer of two entries: full throughput, no combinational path from input to output."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike, lanes: int):
        super().__init__({"i": In(beats(shape, lanes)), "o": Out(beats(shape, lanes))})

    def elaborate(self, platform):
        m = Module()
        spare = Signal.like(self.i.payload.as_value())
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


class Register(wiring.Component):
    """A register of one beat, of any shape; it takes the next beat in the cycle in which its beat
    leaves."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike):
        super().__init__({"i": In(stream.Signature(shape)), "o": Out(stream.Signature(shape))})

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.i.ready.eq(self.o.ready | ~self.o.valid)
        with m.If(self.i.ready):
            m.d.sync += [self.o.valid.eq(self.i.valid), self.o.payload.eq(self.i.payload)]
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the flip-flops of the beat and of its valid bit."""
        return {"ff": 1, "ff.lone": len(Value.cast(self.i.payload))}


class Widen(wiring.Component):
    """Collects several beats into a wider one; the next begins in the cycle in which it leaves.

    ``factor`` input beats become one output beat."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike, lanes: int, factor: int):
        self.lanes, self.factor = lanes, factor
        super().__init__({"i": In(beats(shape, lanes)), "o": Out(beats(shape, lanes * factor))})

    def elaborate(self, platform):
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
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the counter and of the register, which is written one part at a
        time."""
        return added(chip.counter(self.factor), {"widen": 1, "widen.part": self.factor, "ff": 1,
                                                 "ff.lone": len(self.o.payload.as_value())})


class Narrow(wiring.Component):
    """Splits a beat into several narrower ones; takes the next as the last part leaves.

    An input beat becomes ``factor`` output beats, its lowest elements first."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike, lanes: int, factor: int):
        self.lanes, self.factor = lanes, factor
        super().__init__({"i": In(beats(shape, lanes * factor)), "o": Out(beats(shape, lanes))})

    def elaborate(self, platform):
        m = Module()
        held = Signal.like(self.i.payload.as_value())
        left = Signal(range(self.factor + 1))
        m.d.comb += [
            self.o.valid.eq(left != 0),
            self.o.payload.as_value().eq(held),
            self.i.ready.eq((left == 0) | (left == 1) & self.o.ready),
        ]
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += [held.eq(held >> len(self.o.payload.as_value())), left.eq(left - 1)]
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [held.eq(self.i.payload), left.eq(self.factor)]
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the counter and of the shift register; its last part loads without a
        multiplexer."""
        bits, part = len(self.i.payload.as_value()), len(self.o.payload.as_value())
        return added(chip.counter(self.factor + 1), {
            "narrow": 1, "narrow.bit": bits - part, "narrow.load": part, "ff": bits})


def resize(i_lanes: int, o_lanes: int) -> list[int]:
    """Lists the lane counts in a conversion from ``i_lanes`` to ``o_lanes``; each step runs at the
    rate of the slower end."""
    common = lcm(i_lanes, o_lanes)
    return [lanes for lanes, before in ((common, i_lanes), (o_lanes, common)) if lanes != before]

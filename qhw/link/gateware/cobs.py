"""Consistent overhead byte stuffing: frames without zeros inside, each ended by a zero.

Every zero inside a frame is replaced by the distance to the next zero. A distance of 255 means 254
bytes without a zero after them.

Ref: Cheshire, Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Trans. Networking 7(2), 1999."""

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out

from ...tools.hdl import Component, Memory
from .uart import Received

__all__ = ["Decoded", "Decoder", "Encoder", "Framed"]

FARTHEST = 255


class Decoded(data.Struct):
    """A byte of a frame, or its end; ``broken`` is 1 if the frame is damaged."""

    byte: 8  # pyright: ignore[reportGeneralTypeIssues]
    end: 1  # pyright: ignore[reportGeneralTypeIssues]
    broken: 1  # pyright: ignore[reportGeneralTypeIssues]


class Framed(data.Struct):
    """A byte of a frame, or its end."""

    byte: 8  # pyright: ignore[reportGeneralTypeIssues]
    end: 1  # pyright: ignore[reportGeneralTypeIssues]


class Decoder(Component):
    """Decodes COBS frames from the bytes of a line, one at a time.

    A zero always ends a frame, so the decoder recovers after a fault. ``o`` carries bytes and ends
    of frames."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self):
        super().__init__({"i": In(stream.Signature(Received, always_ready=True)),
                          "o": Out(stream.Signature(Decoded, always_ready=True))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        byte, o = self.i.payload.byte, self.o.payload
        left = Signal(8, init=1)    # bytes to the next distance
        here = Signal()             # that is where one stands,
        zero = Signal()             # in place of a zero
        broken = Signal()
        m.d.comb += [here.eq(left == 1), o.byte.eq(Mux(here, 0, byte)), o.end.eq(byte == 0),
                     o.broken.eq(broken | self.i.payload.broken | ~here)]
        with m.If(self.i.valid):
            m.d.comb += self.o.valid.eq(o.end | ~here | zero)
            m.d.sync += left.eq(left - 1)
            with m.If(here):
                m.d.sync += [left.eq(byte), zero.eq(byte != FARTHEST)]
            with m.If(self.i.payload.broken):
                m.d.sync += broken.eq(1)
            with m.If(o.end):
                m.d.sync += [left.eq(1), zero.eq(0), broken.eq(0)]
        return m


class Encoder(Component):
    """Encodes frames for a line by COBS: no zero inside a frame, one at its end.

    A distance is known only at the next zero, so bytes wait in a memory until it is written before
    them; bytes before ``place`` can leave."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, depth: int):
        if depth & (depth - 1):
            raise ValueError(f"Depth must be a power of two, and {depth} is not")
        self.depth = depth
        super().__init__({"i": In(stream.Signature(Framed)), "o": Out(stream.Signature(8))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        byte, end = self.i.payload.byte, self.i.payload.end
        m.submodules.bytes = memory = Memory(shape=8, depth=self.depth, init=[])
        write, read = memory.write_port(), memory.read_port()
        put = Signal(range(self.depth), init=1)
        place = Signal(range(self.depth))       # address of the pending distance
        got = Signal(range(self.depth))
        distance = Signal(8, init=1)
        ending = Signal()
        room = Signal()
        far = Signal()
        known = Signal()
        m.d.comb += [
            room.eq(put != got),
            far.eq(distance == FARTHEST),
            # A distance is known at a zero, where none is in reach, and at the end; after that
            # one, what ends the frame takes the next place.
            known.eq(far | (byte == 0) | end | ending),
            self.i.ready.eq(room & ~ending & (~far | end)),
            write.en.eq(room & (self.i.valid | ending)),
            write.addr.eq(Mux(known, place, put)),
            write.data.eq(Mux(ending, 0, Mux(known, distance, byte))),
        ]
        with m.If(write.en):
            m.d.sync += [put.eq(put + 1), distance.eq(distance + 1), ending.eq(end & ~ending)]
            with m.If(known):
                m.d.sync += [place.eq(put), distance.eq(1)]
        m.d.comb += [
            read.en.eq((self.o.ready | ~self.o.valid) & (got != place)),
            read.addr.eq(got), self.o.payload.eq(read.data),
        ]
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(read.en):
            m.d.sync += [self.o.valid.eq(1), got.eq(got + 1)]
        return m

"""A few entries in registers: a queue for what is rare and has to wait."""

from amaranth.hdl import Module, ShapeLike, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Queue"]


class Queue(wiring.Component):
    """First in, first out, ``depth`` payloads; the oldest is at the output. Entries move up as it
    leaves."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike, depth: int):
        self.depth = depth
        super().__init__({"i": In(stream.Signature(shape)), "o": Out(stream.Signature(shape))})

    def elaborate(self, platform):
        m = Module()
        width = len(Value.cast(self.i.payload))
        entries = [Signal(width, name=f"entry{k}") for k in range(self.depth)]
        used = Signal(range(self.depth + 1))
        put = Signal()
        got = Signal()
        m.d.comb += [
            self.i.ready.eq(used != self.depth),
            self.o.valid.eq(used != 0),
            Value.cast(self.o.payload).eq(entries[0]),
            put.eq(self.i.valid & self.i.ready),
            got.eq(self.o.valid & self.o.ready),
        ]
        m.d.sync += used.eq(used + put - got)
        for k, entry in enumerate(entries):
            with m.If(got):
                if k + 1 < self.depth:
                    m.d.sync += entry.eq(entries[k + 1])
            with m.If(put & (used == k + got)):
                m.d.sync += entry.eq(self.i.payload)
        return m

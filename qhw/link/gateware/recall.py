"""The last answer of a network with state, kept to be sent again."""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...tools.hdl import Component, Memory
from .cobs import Framed

__all__ = ["Recall"]


class Recall(Component):
    """Frames pass, and the last one stays in memory. After ``again`` was 1, it is sent once more as
    soon as no frame is on its way.

    ``most`` is the number of bytes of the longest frame. ``i`` and ``o`` carry frames.
    """

    i: stream.Interface
    o: stream.Interface
    again: Signal

    def __init__(self, most: int):
        self.most = most
        super().__init__({"i": In(stream.Signature(Framed)), "o": Out(stream.Signature(Framed)),
                          "again": In(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.bytes = memory = Memory(shape=8, depth=self.most, init=[])
        write, read = memory.write_port(), memory.read_port()
        k, size = (Signal(range(self.most + 1), name=name) for name in ("k", "size"))
        wanted, moved = Signal(), Signal()
        i, o = self.i.payload, self.o.payload
        m.d.comb += [moved.eq(self.o.valid & self.o.ready), write.addr.eq(k), read.addr.eq(k),
                     write.data.eq(i.byte)]
        with m.If(moved):
            m.d.sync += k.eq(k + 1)
            with m.If(o.end):
                m.d.sync += k.eq(0)
        with m.If(self.again):
            m.d.sync += wanted.eq(1)
        with m.FSM():
            with m.State("pass"):
                m.d.comb += [o.eq(i), self.o.valid.eq(self.i.valid),
                             self.i.ready.eq(self.o.ready), write.en.eq(moved & ~i.end)]
                with m.If(moved & i.end):
                    m.d.sync += size.eq(k)
                with m.If(wanted & (k == 0) & ~self.i.valid):
                    m.d.sync += wanted.eq(0)
                    m.next = "read"
            with m.State("read"):
                m.d.comb += read.en.eq(1)
                m.next = "give"
            with m.State("give"):
                m.d.comb += [o.byte.eq(read.data), o.end.eq(k == size), self.o.valid.eq(1)]
                with m.If(moved):
                    m.next = "read"
                    with m.If(o.end):
                        m.next = "pass"
        return m

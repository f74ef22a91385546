"""Answers of the board: each frame has the head of its request, the network's output, and a
check."""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out

from ...hw.storage.memory import Rom
from ...tools.hdl import Component
from .cobs import Framed
from .crc import Crc32
from .slots import CHECK, HEAD

__all__ = ["Answers"]


class Answers(Component):
    """Emits a frame for each request in order: the request's head, the answer and a CRC.

    If the head's highest bit is set, the answer is ``about`` instead of the network's output.
    ``body`` carries the network's output, ``beat`` bytes at once, with ``last`` at the end of an
    inference. ``done`` is 1 in the cycle in which a frame ends; the frame's end waits
    for ``read``. ``head`` carries the head of each request, and ``o`` the frames.
    """

    head: stream.Interface
    body: stream.Interface
    o: stream.Interface
    read: Signal
    done: Signal

    def __init__(self, beat: int, about: bytes):
        self.beat, self.about = beat, about
        layout = data.StructLayout({"bytes": 8 * beat, "last": 1})
        super().__init__({"head": In(stream.Signature(8)), "body": In(stream.Signature(layout)),
                          "o": Out(stream.Signature(Framed)), "read": In(1), "done": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.check = check = Crc32()
        m.submodules.about = about = Rom(8, list(self.about))
        asked = Signal()
        k = Signal(range(max(self.beat, len(self.about), HEAD)))
        last = Signal()
        valid = Signal()
        ready = Signal()
        moved = Signal()
        o = self.o.payload
        m.d.comb += [
            o.byte.eq(check.lowest),
            self.o.valid.eq(valid & check.i.ready),
            check.i.payload.eq(o.byte),
            check.i.valid.eq(moved & ~o.end),
            ready.eq(self.o.ready & check.i.ready),
            moved.eq(valid & ready),
        ]
        with m.If(moved):
            m.d.sync += k.eq(k + 1)
            with m.If(last):
                m.d.sync += k.eq(0)
        with m.FSM():
            with m.State("head"):
                m.d.comb += [o.byte.eq(self.head.payload), valid.eq(self.head.valid),
                             self.head.ready.eq(ready), last.eq(k == HEAD - 1)]
                with m.If(moved):
                    m.d.sync += asked.eq(self.head.payload[7])
                    with m.If(last):
                        m.next = "body"
            with m.State("body"):
                end = k == self.beat - 1
                bytes = self.body.payload.bytes
                with m.If(asked):
                    m.d.comb += [o.byte.eq(about.o.payload), valid.eq(about.o.valid),
                                 about.o.ready.eq(ready), last.eq(k == len(self.about) - 1)]
                with m.Else():
                    m.d.comb += [o.byte.eq(bytes.word_select(k, 8) if self.beat > 1 else bytes),
                                 valid.eq(self.body.valid),
                                 self.body.ready.eq(ready & end), last.eq(end)]
                with m.If(moved & last & (asked | self.body.payload.last)):
                    m.next = "check"
            with m.State("check"):
                m.d.comb += [valid.eq(1), check.spend.eq(1), last.eq(k == CHECK - 1)]
                with m.If(moved & last):
                    m.next = "end"
            with m.State("end"):
                m.d.comb += [o.end.eq(1), valid.eq(self.read), check.clear.eq(moved),
                             self.done.eq(moved), last.eq(1)]
                with m.If(moved):
                    m.next = "head"
        return m

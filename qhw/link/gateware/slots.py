"""Requests in memory: a slot holds a request until its answer is sent.

A request consists of a head of ``HEAD`` bytes, by which its sender identifies it, the network's
input, and a check. A request with the highest bit of its head set has no input. An incomplete
request, or one with a wrong check, is dropped. A request that finds no free slot is dropped too.

The requests of a network with state are a sequence. The first one has the second highest bit of its
head set. A request that repeats the head of the one before it is not kept either, but its answer
is sent again. Without a beginning, and after a request with the highest bit set, no request is
kept."""

from collections.abc import Callable
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...tools.hdl import Component, Memory, Port
from .cobs import Decoded
from .crc import Crc32

__all__ = ["CHECK", "HEAD", "Slots"]

HEAD = CHECK = 4
"""Bytes of a head, and of a check."""


class Slots(Component):
    """Stores requests in a ring of slots until their answers are sent.

    Of ``count`` slots, ``put`` receives the next request, ``fed`` is read by the network and
    ``answered`` is the next to be answered.
    ``o`` carries the network's input, ``beat`` bytes at once, request after request. ``head``
    carries the head's bytes, those of the next request after ``done``. ``read`` is 1 if the network
    has received all of the request that is answered.

    With ``sequence`` there are two more members. ``restart`` is 1 before the first beat of a
    sequence, when all earlier requests are answered; ``again`` is 1 when an answer must be sent
    again.
    """

    i: stream.Interface
    o: stream.Interface
    head: stream.Interface
    done: Signal
    read: Signal
    restart: Signal
    again: Signal

    def __init__(self, size: int, beat: int, count: int, *, sequence: bool = False):
        if count < 2 or count & (count - 1):
            raise ValueError(f"Slots must be a power of two from 2 on, and {count} is not")
        self.size, self.beat, self.count, self.sequence = size, beat, count, sequence
        self.stored = HEAD + size
        super().__init__({"i": In(stream.Signature(Decoded, always_ready=True)),
                          "o": Out(stream.Signature(8 * beat)),
                          "head": Out(stream.Signature(8)),
                          "done": In(1), "read": Out(1),
                          **({"restart": Out(1), "again": Out(1)} if sequence else {})})

    @property
    def depth(self) -> int:
        """Words of the memory; a slot begins at a multiple of a power of two."""
        return (self.count - 1 << (self.stored - 1).bit_length()) + self.stored

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.bytes = memory = Memory(shape=8, depth=self.depth, init=[])
        write, read = memory.write_port(), memory.read_port()
        put, fed, answered = (Signal(range(2 * self.count), name=name)
                              for name in ("put", "fed", "answered"))
        which, within = len(put) - 1, (self.stored - 1).bit_length()

        def address(place: Value, slot: Signal) -> Value:
            return Cat(place, Const(0, within - len(place)), slot[:which])

        self._receive(m, write, put, put ^ answered == self.count, address, within)

        h = Signal(range(HEAD + 1))
        heading = Signal()
        head_read = Signal()
        m.d.comb += heading.eq((put != answered) & (h != HEAD) & ~self.head.valid & ~head_read)
        m.d.sync += head_read.eq(heading)
        with m.If(self.head.ready):
            m.d.sync += self.head.valid.eq(0)
        with m.If(head_read):
            m.d.sync += [self.head.valid.eq(1), self.head.payload.eq(read.data), h.eq(h + 1)]
        with m.If(self.done):
            m.d.sync += [answered.eq(answered + 1), h.eq(0)]

        place = Signal(range(self.stored), init=HEAD - 1)
        feeding = Signal()
        fed_read = Signal()
        waiting = put != fed
        if self.sequence:       # each waits for the answer before
            waiting = waiting & ((place != HEAD - 1) | (fed == answered))
        m.d.comb += [
            feeding.eq(waiting & ~heading & ~fed_read & (self.o.ready | ~self.o.valid)),
            read.en.eq(heading | feeding),
            read.addr.eq(Mux(heading, address(h[:2], answered), address(place, fed))),
            self.read.eq(fed != answered),
        ]
        m.d.sync += fed_read.eq(feeding)
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(fed_read):
            self._feed(m, read.data, place, fed)
        return m

    def _receive(self, m: Module, write: Port, put: Signal, full: Value,
                 address: Callable[[Value, Signal], Value], within: int) -> None:
        """Bytes go into the slot at ``put``, which is taken at the end of a frame that is right."""
        byte, end = self.i.payload.byte, self.i.payload.end
        longest = self.stored + CHECK
        length = Signal(range(longest + 2))
        empty = Signal()
        lost = Signal()
        m.submodules.check = check = Crc32()
        m.d.comb += [
            check.i.valid.eq(self.i.valid & ~end), check.i.payload.eq(byte),
            check.clear.eq(self.i.valid & end),
            write.en.eq(self.i.valid & ~end & ~full & (length < self.stored)),
            write.addr.eq(address(length[:within], put)), write.data.eq(byte),
        ]
        right = length == Mux(empty, HEAD + CHECK, longest)
        whole = right & check.match & ~lost & ~self.i.payload.broken
        kept = self._follows(m, whole, length) if self.sequence else whole
        with m.If(self.i.valid):
            with m.If(length <= longest):
                m.d.sync += length.eq(length + 1)
            with m.If(length == HEAD - 1):
                m.d.sync += empty.eq(byte[7])
            with m.If(full):
                m.d.sync += lost.eq(1)
            with m.If(end):
                m.d.sync += [length.eq(0), empty.eq(0), lost.eq(0)]
                with m.If(kept):
                    m.d.sync += put.eq(put + 1)

    def _follows(self, m: Module, whole: Value, length: Signal) -> Value:
        """Builds the bit that tells whether a ``whole`` request is the next one of a sequence."""
        head, before, begun = Signal(8 * HEAD), Signal(8 * HEAD), Signal()
        ask, begin = head[-1], head[-2]
        repeats = begun & (head == before)
        with m.If(self.i.valid & ~self.i.payload.end & (length < HEAD)):
            m.d.sync += head.eq(Cat(head, self.i.payload.byte)[8:])
        with m.If(self.i.valid & self.i.payload.end & whole):
            m.d.comb += self.again.eq(repeats)
            m.d.sync += [begun.eq((begun | begin) & ~ask), before.eq(head)]
        return whole & (ask | (begun | begin) & ~repeats)

    def _feed(self, m: Module, byte: Value, place: Signal, fed: Signal) -> None:
        """A byte joins the beat; one of the head only tells whether more follow."""
        last = Signal()
        m.d.sync += place.eq(place + 1)
        with m.If(place == HEAD - 1):
            m.d.comb += last.eq(byte[7])
            if self.sequence:
                m.d.comb += self.restart.eq(byte[6] & ~byte[7])
        with m.Else():
            m.d.comb += last.eq(place == self.stored - 1)
            m.d.sync += self.o.payload.eq(Cat(self.o.payload, byte)[8:])
            if self.beat > 1:
                here = Signal(range(self.beat))
                m.d.sync += here.eq(here + 1)
                with m.If(here == self.beat - 1):
                    m.d.sync += [here.eq(0), self.o.valid.eq(1)]
            else:
                m.d.sync += self.o.valid.eq(1)
        with m.If(last):
            m.d.sync += [place.eq(HEAD - 1), fed.eq(fed + 1)]

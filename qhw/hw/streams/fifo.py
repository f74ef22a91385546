"""Queues: a few entries in registers, or many in memory."""

from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...tools.hdl import Component, Memory, ShapeLike
from ..fabric import Fabric, Parts, added
from .stream import beats, step

__all__ = ["Fifo", "Queue"]


class Queue(Component):
    """A FIFO in registers: the oldest entry is at the output, and the others move up as it leaves.

    It holds ``depth`` payloads."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike, depth: int):
        self.depth = depth
        super().__init__({"i": In(stream.Signature(shape)), "o": Out(stream.Signature(shape))})

    def elaborate(self, platform: Any) -> Module:
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

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the parts of the entries and of the count of used entries; the last entry
        loads without a multiplexer."""
        width = len(Value.cast(self.i.payload))
        return {"queue": 1, "queue.bit": width * (self.depth - 1), "queue.load": width,
                "queue.depth": self.depth, "ff": width * self.depth + self.depth.bit_length()}


class Fifo(Component):
    """A FIFO of beats, in registers if it is shallow, otherwise in memory with an output register.

    It holds ``depth`` beats, of which the output register is one."""

    SMALL = 4
    """Largest depth that is built in registers."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike, lanes: int, depth: int):
        self.depth = depth
        super().__init__({"i": In(beats(shape, lanes)), "o": Out(beats(shape, lanes))})

    @staticmethod
    def latency(depth: int) -> int:
        """Computes the cycles that a beat takes through an empty queue of ``depth`` beats."""
        return 1 if depth <= Fifo.SMALL else 2

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        payload, out = Value.cast(self.i.payload), Value.cast(self.o.payload)
        if self.depth <= self.SMALL:
            m.submodules.entries = queue = Queue(len(payload), self.depth)
            m.d.comb += [
                queue.i.payload.eq(payload), queue.i.valid.eq(self.i.valid),
                self.i.ready.eq(queue.i.ready), out.eq(queue.o.payload),
                self.o.valid.eq(queue.o.valid), queue.o.ready.eq(self.o.ready),
            ]
            return m
        depth = self.depth - 1
        m.submodules.words = memory = Memory(shape=len(payload), depth=depth, init=[])
        write, read = memory.write_port(), memory.read_port()
        put, got = Signal(range(depth)), Signal(range(depth))
        used = Signal(range(depth + 1))
        taken, issued = Signal(), Signal()
        m.d.comb += [
            self.i.ready.eq(used != depth), taken.eq(self.i.valid & self.i.ready),
            write.en.eq(taken), write.addr.eq(put), write.data.eq(payload),
            issued.eq((self.o.ready | ~self.o.valid) & (used != 0)),
            read.en.eq(issued), read.addr.eq(got), out.eq(read.data),
        ]
        m.d.sync += used.eq(used + taken - issued)
        with m.If(taken):
            step(m, put, depth)
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(issued):
            m.d.sync += self.o.valid.eq(1)
            step(m, got, depth)
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the entries, or of the memory with its two addresses."""
        width, used = len(self.i.payload.as_value()), self.depth.bit_length()
        if self.depth <= self.SMALL:
            return Queue(width, self.depth).made_of(chip)
        address = chip.counter(self.depth - 1)
        return added(chip.memory(width, self.depth - 1, writable=True), address, address,
                     {"fifo": 1, "fifo.used": used, "ff": used + 1})

"""Blocks of a stream, read in another order: two banks of memory and nested counters."""

from itertools import pairwise
from math import prod
from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...tools.hdl import Component, Memory, ShapeLike
from ..fabric import Fabric, Parts, added
from .stream import beats, step

__all__ = ["Loop", "ReorderUnit"]

Loop = tuple[int, int | tuple[int, ...]]
"""A loop's count, and its stride or the offset of each of its steps from the first, which is 0."""


class ReorderUnit(Component):
    """Stores each block of beats in one of two banks and reads it in the order of nested loops,
    while the other bank receives the next block.

    A block of ``block`` beats becomes ``prod(counts)`` beats; ``loops`` lists the loops in beats,
    the outermost first. They begin at the beat ``start``."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike, lanes: int, block: int,
                 loops: tuple[Loop, ...], start: int = 0):
        self.block, self.start = block, start
        self.loops: list[Loop] = [loop for loop in loops if loop[0] > 1] or [(1, 0)]
        super().__init__({"i": In(beats(shape, lanes)), "o": Out(beats(shape, lanes))})

    @property
    def made(self) -> int:
        """Number of output beats of a block."""
        return prod(count for count, _ in self.loops)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        put = Signal(range(self.block))
        i_bank, o_bank = Signal(), Signal()
        full = Signal(2)
        m.submodules.banks = memory = Memory(shape=len(Value.cast(self.i.payload)),
                                             depth=2 << len(put), init=[])
        write, read = memory.write_port(), memory.read_port()
        taken, issued, last = Signal(), Signal(), Signal()
        at = Signal(range(self.block), init=self.start)
        m.d.comb += [
            self.i.ready.eq(~full.bit_select(i_bank, 1)), taken.eq(self.i.valid & self.i.ready),
            write.en.eq(taken), write.addr.eq(Cat(put, i_bank)), write.data.eq(self.i.payload),
            issued.eq((self.o.ready | ~self.o.valid) & full.bit_select(o_bank, 1)),
            read.en.eq(issued), read.addr.eq(Cat(at, o_bank)),
            Value.cast(self.o.payload).eq(read.data),
        ]
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(taken), step(m, put, self.block):
            m.d.sync += [full.bit_select(i_bank, 1).eq(1), i_bank.eq(~i_bank)]
        with m.If(issued):
            m.d.sync += self.o.valid.eq(1)
            self._go_on(m, at, last, len(self.loops) - 1, 0)
            with m.If(last):
                m.d.sync += [full.bit_select(o_bank, 1).eq(0), o_bank.eq(~o_bank)]
        return m

    def _go_on(self, m: Module, at: Signal, last: Signal, k: int, back: int) -> None:
        """Advances loop ``k`` by one step; at its end, rewinds it and advances the loop outside it.
        """
        count, stride = self.loops[k]
        counter = Signal(range(count), name=f"loop{k}")
        if isinstance(stride, int):
            m.d.sync += at.eq((at + (stride - back))[:len(at)])
            last_offset = (count - 1) * stride
        else:
            ahead, last_offset = Signal(len(at), name=f"ahead{k}"), stride[-1]
            with m.Switch(counter):
                for n, (here, there) in enumerate(pairwise(stride)):
                    with m.Case(n):
                        m.d.comb += ahead.eq((there - here - back) % (1 << len(at)))
            m.d.sync += at.eq((at + ahead)[:len(at)])
        with step(m, counter, count):
            back += last_offset
            if k:
                self._go_on(m, at, last, k - 1, back)
            else:
                m.d.comb += last.eq(1)
                m.d.sync += at.eq((at - back)[:len(at)])

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of both banks, of the loop counters, and of the address adders, one for
        each loop."""
        bits, depth = len(self.i.payload.as_value()), 2 << max(self.block - 1, 0).bit_length()
        loops = [chip.counter(count) for count, _ in self.loops]
        loops += [chip.rom([b - a for a, b in pairwise(offsets)], depth.bit_length() - 2,
                           counted=False)
                  for _, offsets in self.loops if not isinstance(offsets, int)]
        return added(chip.memory(bits, depth, writable=True), chip.counter(self.block), *loops,
                     {"reorder": 1, "reorder.address": depth.bit_length() * len(self.loops),
                      "ff": 5 + depth.bit_length() - 2})

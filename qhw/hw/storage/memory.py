"""Memories behind streams: constants repeated forever, and vectors that are read several times.

Both read synchronously, one word a cycle, so that block RAM can hold them. The platform decides
where a memory is placed: ``lib.memory.Memory`` asks it; a simulator simulates the memory.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from amaranth.hdl import Cat, Const, Module, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...exact.num import Int
from ...tools.hdl import Array, Component, Memory, ShapeLike, connect
from ..fabric import Fabric, Form, Parts, added
from ..streams.stream import Register, beats, step

__all__ = ["FORM", "Replay", "Rom", "Words", "pack", "per_group"]

FORM = "qhw_form"
"""The attribute of a constant memory that says where it goes."""


def pack(values: np.ndarray, width: int) -> list[int]:
    """Packs rows of integers, (rows, n), to words of ``n * width`` bits, each number in two's
    complement."""
    whole = np.int64 if width < 64 else object
    planes = values.astype(whole)[:, :, None] >> np.arange(width, dtype=whole) & 1
    packed = np.packbits(planes.reshape(len(values), -1).astype(np.uint8), 1, bitorder="little")
    return [int.from_bytes(word.tobytes(), "little") for word in packed]


class Words(Sequence[int]):
    """Rows of integers, (rows, n), as words of ``pack``, which are made when the first is read."""

    def __init__(self, values: np.ndarray, width: int):
        self._values, self._width = values, width

    @cached_property
    def _packed(self) -> list[int]:
        return pack(self._values, self._width)

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, at: int | slice) -> Any:
        return self._packed[at]


class Rom(Component):
    """Emits the words of a ROM in order, over and over.

    ``words`` are bit patterns of ``shape``. The stream never ends. ``form`` says where the
    memory goes.
    """

    o: stream.Interface

    def __init__(self, shape: ShapeLike, words: Sequence[int], *, form: Form = ""):
        self.words = words
        self.form: Form = form
        super().__init__({"o": Out(stream.Signature(shape))})

    @property
    def stored(self) -> int:
        """Bits in memory."""
        return len(self.words) * len(Value.cast(self.o.payload))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        depth, payload = len(self.words), Value.cast(self.o.payload)
        if depth == 1:
            m.d.comb += [self.o.valid.eq(1), payload.eq(Const(self.words[0], len(payload)))]
            return m
        m.submodules.words = memory = Memory(shape=len(payload), depth=depth, init=self.words,
                                             attrs={FORM: self.form} if self.form else None)
        port = memory.read_port()
        address = Signal(range(depth))
        m.d.comb += [
            port.addr.eq(address),
            port.en.eq(self.o.ready | ~self.o.valid),
            payload.eq(port.data),
        ]
        with m.If(port.en):
            m.d.sync += self.o.valid.eq(1)
            step(m, address, depth)
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the memory and of its address."""
        return chip.rom(self.words, len(Value.cast(self.o.payload)), form=self.form)


def per_group(m: Module, name: str, values: np.ndarray, interval: Int, take: Value, *,
              form: Form = "", kept: bool = False) -> tuple[list[Value], Value]:
    """Cycles through per-group constants ``values``; asserting ``take`` advances to the next group.

    If all rows are equal they become constants, otherwise a ``Rom`` that reads ahead. Returns the
    current group's constants, one for each lane, and a bit that tells whether they are valid; a
    ROM's are valid from the second cycle, and from the third if it is ``kept``.

    Parameters
    ----------
    m : the module to build into
    name : the submodule's name
    values : integers (groups, lanes)
    interval : an interval that contains all ``values``
    take : one bit
    form : where the memory goes
    kept : whether a register stands behind the memory"""
    lanes = values.shape[1]
    if (values == values[0]).all():
        return [Const(int(v), interval.shape) for v in values[0]], Const(1)
    m.submodules[name] = rom = Rom(Array(interval.shape, lanes),
                                   pack(values, interval.width), form=form)
    o = rom.o
    if kept:
        m.submodules[f"{name}_kept"] = register = Register(rom.o.payload.shape())
        connect(m, rom.o, register.i)
        o = register.o
    m.d.comb += o.ready.eq(take)
    return list(o.payload), o.valid


class Replay(Component):
    """Stores each vector in one of two banks and emits it several times, while the other bank
    receives the next vector.

    A vector has ``length`` beats and is emitted ``times`` times. A beat leaves as soon as it is
    stored; with no stall there is no bubble, within a vector or between two.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, shape: ShapeLike, lanes: int, length: int, times: int):
        self.length, self.times = length, times
        super().__init__({"i": In(beats(shape, lanes)), "o": Out(beats(shape, lanes))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        length = self.length
        put = Signal(range(length))     # the beat of a vector being written
        got = Signal(range(length))     # the beat of a vector being read
        turn = Signal(range(self.times))
        i_bank = Signal()
        o_bank = Signal()
        full = Signal(2)

        m.submodules.banks = memory = Memory(
            shape=len(Value.cast(self.i.payload)), depth=2 << len(put), init=[])
        write, read = memory.write_port(), memory.read_port()
        taken = Signal()
        issued = Signal()
        m.d.comb += [
            self.i.ready.eq(~full.bit_select(i_bank, 1)),
            taken.eq(self.i.valid & self.i.ready),
            write.en.eq(taken),
            write.addr.eq(Cat(put, i_bank)),
            write.data.eq(self.i.payload),
            issued.eq((self.o.ready | ~self.o.valid)
                      & (full.bit_select(o_bank, 1) | (i_bank == o_bank) & (put != got))),
            read.en.eq(issued),
            read.addr.eq(Cat(got, o_bank)),
            Value.cast(self.o.payload).eq(read.data),
        ]
        with m.If(taken), step(m, put, length):
            m.d.sync += [full.bit_select(i_bank, 1).eq(1), i_bank.eq(~i_bank)]
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(issued):
            m.d.sync += self.o.valid.eq(1)
            with step(m, got, length), step(m, turn, self.times):
                m.d.sync += [full.bit_select(o_bank, 1).eq(0), o_bank.eq(~o_bank)]
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of both banks, and of the counters of beats and turns."""
        bits, depth = len(self.i.payload.as_value()), 2 << max(self.length - 1, 0).bit_length()
        place = chip.counter(self.length)
        return added(place, place, chip.counter(self.times),
                     chip.memory(bits, depth, writable=True), {"replay": 1, "ff": 5})

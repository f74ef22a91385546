"""State of a network: the beats of earlier inferences in a ring of memory, and the new ones."""

from functools import cached_property
from typing import Any

import numpy as np
from amaranth.hdl import Const, Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...exact.num import Int
from ...tools.hdl import ArrayLayout, Component, Memory, elements, like
from ..fabric import Fabric, Parts, added
from ..storage.memory import pack
from ..streams.stream import beats, step

__all__ = ["HistoryUnit"]


class HistoryUnit(Component):
    """Emits for each inference the beats kept from the inferences before, then its new ones.

    The ring has room for the beats kept and those of one more inference, so that these arrive while
    the next unit is still busy with the inference before. An inference's output begins once its
    first new beat is in the ring. After reset, the beats kept are ``initial``.

    Parameters
    ----------
    initial : integers (beats kept, lanes)
    count : number of new beats of an inference
    x : interval of the new elements
    y : an interval that contains them and the initial ones
    newest_first : whether the new beats leave before the kept ones, of which the last ones are the
        oldest; otherwise they leave behind them, and the first ones are the oldest

    Members
    -------
    i : beats of ``x``
    o : beats of ``y``: for each inference its new beats and those kept
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, initial: np.ndarray, count: int, *, x: Int, y: Int,
                 newest_first: bool = False):
        self.kept, lanes = initial.shape
        self.count, self.newest_first = count, newest_first
        self.layout = ArrayLayout(y.shape, lanes)
        self.initial = pack(initial, y.width)
        super().__init__({"i": In(beats(x.shape, lanes)), "o": Out(beats(y.shape, lanes))})

    @property
    def depth(self) -> int:
        """Words in the ring, which are also the output beats of an inference."""
        return self.kept + self.count

    def needs(self, place: int) -> int:
        """Returns the number of new beats that the output beat ``place`` of an inference waits for.
        """
        return min(place + 1, self.count) if self.newest_first else max(place - self.kept + 1, 1)

    def frees(self, place: int) -> int:
        """Returns the number of words that an inference needs no more after its output beat
        ``place``."""
        return max(place + 1 - self.kept, 0) if self.newest_first else min(place + 1, self.count)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.ring = ring = Memory(shape=self.layout.size, depth=self.depth, init=[])
        write, read = ring.write_port(), ring.read_port()
        at, place = (Signal(range(self.depth), name=name) for name in ("at", "place"))
        put = Signal(range(self.depth), init=0 if self.newest_first else self.kept)
        room = Signal(range(2 * self.count + 1), init=self.count)
        held = Signal(range(2 * self.count + 1))        # new beats that have not left yet
        missing = Signal(range(self.kept + 1), init=self.kept)
        taken, issued, fresh, last, old, first = (
            Signal(name=name) for name in ("taken", "issued", "fresh", "last", "old", "first"))
        word = Signal(self.layout)
        m.d.comb += [
            self.i.ready.eq(room != 0), taken.eq(self.i.valid & self.i.ready),
            *(a.eq(b) for a, b in zip(elements(word), self.i.payload, strict=True)),
            write.en.eq(taken), write.addr.eq(put), write.data.eq(word),
            *(bit.eq(value) for bit, value in zip((fresh, last, old), self._about(place, missing),
                                                  strict=True)),
            issued.eq((self.o.ready | ~self.o.valid) & self._enough(held, fresh)),
            read.en.eq(issued), read.addr.eq(at),
            Value.cast(self.o.payload).eq(Mux(first, self._initial(m, at, issued), read.data)),
        ]
        m.d.sync += [room.eq(room + (issued & last) - taken), held.eq(held + taken - (
            issued & fresh))]
        with m.If(taken):
            self._write_on(m, put)
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(issued):
            m.d.sync += [self.o.valid.eq(1), first.eq(old), at.eq(self._moved(at, 1))]
            with step(m, place, self.depth):
                m.d.sync += [at.eq(self._moved(at, self._jump)), missing.eq(self._fewer(missing))]
        return m

    def _about(self, place: Signal, missing: Signal) -> tuple[Value, Value, Value]:
        """Builds the bits that tell whether the output beat ``place`` is new, is the last that
        needs its word, and is an initial one."""
        if self.newest_first:
            return place < self.count, place >= self.kept, place + missing >= self.depth
        return place >= self.kept, place < self.count, place < missing

    def _enough(self, held: Value, fresh: Value) -> Value:
        """Builds the bit that tells whether the next output beat may leave. Kept ones may as soon
        as one new beat of their inference is there."""
        return ~fresh | (held != 0) if self.newest_first else held != 0

    def _fewer(self, missing: Signal) -> Value:
        """Builds the number of initial beats that the next inference has."""
        return Mux(missing > self.count, missing - self.count, 0)

    def _moved(self, at: Value, words: int) -> Value:
        """Builds the address in the ring ``words`` words after ``at``."""
        words %= self.depth
        return Mux(at >= self.depth - words, at - (self.depth - words), at + words)

    @property
    def _jump(self) -> int:
        """Words from an inference's last output beat to the first one of the next."""
        return 1 - self.count if self.newest_first else 1 + self.count

    def _write_on(self, m: Module, put: Signal) -> None:
        """Advances the address of new beats; newer ones lie before older ones if they leave first.
        """
        m.d.sync += put.eq(self._moved(put, 1))
        if self.newest_first:
            place = Signal(range(self.count), name="put_place")
            with step(m, place, self.count):
                m.d.sync += put.eq(self._moved(put, 1 - 2 * self.count))

    @cached_property
    def _words(self) -> list[int]:
        """The initial words by their address in the ring."""
        new = [0] * self.count
        return [*new, *self.initial] if self.newest_first else [*self.initial, *new]

    @property
    def _alike(self) -> bool:
        """Whether all initial words are equal, which needs no memory."""
        return len(set(self.initial)) == 1

    def _initial(self, m: Module, at: Signal, issued: Signal) -> Value:
        """Builds the initial word at an address, in the cycle after ``issued``."""
        if self._alike:
            return Const(self.initial[0], self.layout.size)
        m.submodules.initial = words = Memory(shape=self.layout.size, depth=self.depth,
                                              init=self._words)
        port = words.read_port()
        m.d.comb += [port.en.eq(issued), port.addr.eq(at)]
        return port.data

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the ring, of its addresses and counters, and of the initial words."""
        bits, e, reads = self.layout.size, chip.expressions(), chip.expressions()
        at, place = (Signal(range(self.depth)) for _ in range(2))
        missing = Signal(range(self.kept + 1))
        room, held = (Signal(range(2 * self.count + 1)) for _ in range(2))
        taken, issued, end = (Signal() for _ in range(3))
        fresh, last, old = self._about(place, missing)
        registers = [
            e.assign(like(at), Mux(end, self._moved(at, self._jump), self._moved(at, 1))),
            e.assign(like(missing), Mux(end, self._fewer(missing), missing)),
            e.assign(like(room), room + (issued & last) - taken),
            e.assign(like(held), held + taken - (issued & fresh)), e.assign(Signal(), old)]
        word = Const(self.initial[0], bits) if self._alike else Signal(bits)
        reads.need(Mux(Signal(), word, Signal(bits)), self._enough(held, fresh), room != 0)
        return added(
            chip.memory(bits, self.depth, writable=True), chip.mapped(e, registers),
            chip.mapped(reads), chip.counter(self.depth), chip.counter(self.depth),
            chip.counter(self.count) if self.newest_first else {},
            {} if self._alike else chip.rom(self._words, bits, counted=False), {"ff": 1})

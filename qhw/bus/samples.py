"""A network that takes and gives 32-bit words, with a queue of one sample at each end.

A beat of the network takes whole words, the lowest first. Because each queue has room for a sample,
no word ever waits: one that is not possible is refused and changes nothing."""

from typing import Any

from amaranth.hdl import Cat, ClockSignal, Const, Instance, Module, Mux, ResetSignal, Signal
from amaranth.lib.wiring import In, Out

from ..design.top import Port
from ..hw.streams.fifo import Fifo
from ..hw.streams.stream import step
from ..tools.hdl import Component

__all__ = ["WORD", "Samples", "words"]

WORD = 32
COUNT = 16
"""Bits of the number of samples that are under way: more than any network holds."""


def words(port: Port) -> int:
    """Counts the words of a beat."""
    return -(-port.width // WORD)


class Samples(Component):
    """The network with a queue of one sample at each end.

    Parameters
    ----------
    name : the network's module
    i, o : its ports

    Members
    -------
    put, data : whether a word is written in this cycle, and the word
    full : whether it would be refused
    get, word : whether a word is read in this cycle, and the word
    empty : whether there is none; a read is refused
    free : whether a whole sample may be written without a refusal
    busy : whether a sample is under way, from its first word in to its last beat out
    done : whether the last beat of a sample leaves the network in this cycle
    cycles : cycles of the last sample, from its first beat in or the end of the sample before it to
        its last beat out
    """

    put: Signal
    data: Signal
    full: Signal
    get: Signal
    word: Signal
    empty: Signal
    free: Signal
    busy: Signal
    done: Signal
    cycles: Signal

    def __init__(self, name: str, i: Port, o: Port):
        self.name, self.i, self.o = name, i, o
        super().__init__({
            "put": In(1), "data": In(WORD), "full": Out(1), "get": In(1), "word": Out(WORD),
            "empty": Out(1), "free": Out(1), "busy": Out(1), "done": Out(1), "cycles": Out(WORD)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.before = before = Fifo(self.i.width, 1, max(self.i.beats, 2))
        m.submodules.behind = behind = Fifo(self.o.width, 1, max(self.o.beats, 2))
        self._network(m, before, behind)
        self._write(m, before)
        self._read(m, behind)
        self._time(m, before)
        return m

    def _network(self, m: Module, before: Any, behind: Any) -> None:
        """Connects the network's module between the queues."""
        i_data = Signal(self.i.width)
        i_valid = Signal()
        i_ready = Signal()
        o_data = Signal(self.o.width)
        o_valid = Signal()
        o_ready = Signal()
        last = Signal()
        m.submodules.network = Instance(
            self.name, i_clk=ClockSignal(), i_rst=ResetSignal(), i_s_axis_tdata=i_data,
            i_s_axis_tvalid=i_valid, o_s_axis_tready=i_ready, i_s_axis_tlast=Const(0),
            o_m_axis_tdata=o_data, o_m_axis_tvalid=o_valid, i_m_axis_tready=o_ready,
            o_m_axis_tlast=last)
        m.d.comb += [
            i_data.eq(before.o.payload.as_value()), i_valid.eq(before.o.valid),
            before.o.ready.eq(i_ready), behind.i.payload.as_value().eq(o_data),
            behind.i.valid.eq(o_valid), o_ready.eq(behind.i.ready),
            self.done.eq(o_valid & o_ready & last)]

    def _write(self, m: Module, queue: Any) -> None:
        """Collects the words of a beat, and counts beats and samples."""
        count = words(self.i)
        place = Signal(range(count))
        beat = Signal(range(self.i.beats))
        held = Signal(WORD * (count - 1))
        whole = Cat(held, self.data) if count > 1 else self.data
        pushed = Signal()
        begun = Signal()
        level = Signal(range(max(self.i.beats, 2) + 1))
        under_way = Signal(COUNT)
        m.d.comb += [
            queue.i.payload.as_value().eq(whole),
            queue.i.valid.eq(self.put & (place == count - 1)),
            self.full.eq((place == count - 1) & ~queue.i.ready),
            pushed.eq(queue.i.valid & queue.i.ready),
            begun.eq(self.put & ~self.full & (place == 0) & (beat == 0)),
            self.free.eq((level == 0) & (place == 0) & (beat == 0)),
            self.busy.eq(under_way != 0),
        ]
        with m.If(self.put & ~self.full):
            with step(m, place, count):
                pass
            if count > 1:
                m.d.sync += held.eq(Cat(held, self.data)[WORD:])
        with m.If(pushed), step(m, beat, self.i.beats):
            pass
        m.d.sync += [level.eq(level + pushed - (queue.o.valid & queue.o.ready)),
                     under_way.eq(under_way + begun - self.done)]

    def _read(self, m: Module, queue: Any) -> None:
        """Gives the words of a beat in turn."""
        count = words(self.o)
        place = Signal(range(count))
        beat = queue.o.payload.as_value()
        m.d.comb += [
            self.word.eq(Mux(queue.o.valid, beat.word_select(place, WORD) if count > 1 else beat,
                             0)),
            self.empty.eq(~queue.o.valid),
            queue.o.ready.eq(self.get & (place == count - 1))]
        with m.If(self.get & queue.o.valid), step(m, place, count):
            pass

    def _time(self, m: Module, queue: Any) -> None:
        """Counts the cycles of a sample in the network."""
        beat_in = Signal(range(self.i.beats))
        inside = Signal(COUNT)
        timer = Signal(WORD)
        moved = Signal()
        entered = Signal()
        m.d.comb += [moved.eq(queue.o.valid & queue.o.ready), entered.eq(moved & (beat_in == 0))]
        with m.If(moved), step(m, beat_in, self.i.beats):
            pass
        m.d.sync += [timer.eq(timer + 1), inside.eq(inside + entered - self.done)]
        with m.If(entered & (inside == 0)):
            m.d.sync += timer.eq(1)
        with m.If(self.done):
            m.d.sync += [timer.eq(0), self.cycles.eq(timer + 1)]

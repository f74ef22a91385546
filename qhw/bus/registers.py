"""The registers of a network on a processor's bus; docs/guides/bus.md has their table."""

from enum import IntEnum
from typing import Any

from amaranth.hdl import Cat, ClockDomain, Const, DomainRenamer, Module, Signal
from amaranth.lib.wiring import In, Out

from ..design.top import Port
from ..tools.hdl import Component
from .samples import WORD, Samples, words

__all__ = ["IDENTITY", "Register", "Registers"]

IDENTITY = int.from_bytes(b"qhw1", "little")
"""The text "qhw1", its first letter in the lowest byte."""


class Register(IntEnum):
    """Addresses in words."""

    IDENTITY = 0
    STATUS = 1
    CONTROL = 2
    PENDING = 3
    SAMPLES = 4
    CYCLES = 5
    WORDS_IN = 6
    WORDS_OUT = 7
    DATA_IN = 8
    DATA_OUT = 9


class Registers(Component):
    """The registers of a network.

    An access that is not possible is refused, and changes nothing: an address without a register, a
    write of a register that is only read, a read of one that is only written, a write of less than
    a word, a word that a queue cannot take or has not.

    Parameters
    ----------
    name : the network's module
    i, o : its ports

    Members
    -------
    select : whether there is an access in this cycle
    write : whether it writes
    whole : whether it writes all bytes of the word
    address : the register, in words
    data : word to write
    answer : word that is read, in the same cycle
    wrong : whether the access is refused, in the same cycle
    irq : 1 while the end of a sample is pending, if that is enabled
    """

    select: Signal
    write: Signal
    whole: Signal
    address: Signal
    data: Signal
    answer: Signal
    wrong: Signal
    irq: Signal

    def __init__(self, name: str, i: Port, o: Port):
        self.name, self.i, self.o = name, i, o
        self.sync: Any = ClockDomain("sync")
        """The domain, which the component around defines."""
        super().__init__({
            "select": In(1), "write": In(1), "whole": In(1), "address": In(6), "data": In(WORD),
            "answer": Out(WORD), "wrong": Out(1), "irq": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        clear = Signal()
        enabled = Signal()
        pending = Signal()
        count = Signal(WORD)
        samples = Samples(self.name, self.i, self.o)
        m.submodules.samples = self._cleared(m, samples, clear)
        does = Signal()
        m.d.comb += does.eq(self.select & ~self.wrong)

        def written(register: Register) -> Any:
            return does & self.write & (self.address == register)

        with m.If(written(Register.CONTROL)):
            m.d.comb += clear.eq(self.data[0])
            m.d.sync += enabled.eq(self.data[1])
        with m.If(written(Register.PENDING) & self.data[0]):
            m.d.sync += pending.eq(0)
        with m.If(samples.done):
            m.d.sync += [pending.eq(1), count.eq(count + 1)]
        with m.If(clear):
            m.d.sync += [pending.eq(0), count.eq(0)]
        m.d.comb += [
            samples.data.eq(self.data), samples.put.eq(written(Register.DATA_IN)),
            samples.get.eq(does & ~self.write & (self.address == Register.DATA_OUT)),
            self.irq.eq(enabled & pending)]
        answers = {
            Register.IDENTITY: Const(IDENTITY, WORD),
            Register.STATUS: Cat(samples.free, ~samples.empty, samples.busy),
            Register.CONTROL: Cat(Const(0, 1), enabled),
            Register.PENDING: pending,
            Register.SAMPLES: count,
            Register.CYCLES: samples.cycles,
            Register.WORDS_IN: Const(words(self.i) * self.i.beats, WORD),
            Register.WORDS_OUT: Const(words(self.o) * self.o.beats, WORD),
            Register.DATA_OUT: samples.word}
        with m.Switch(self.address):
            for register in Register:
                with m.Case(register):
                    if register in answers:
                        m.d.comb += self.answer.eq(answers[register])
                    m.d.comb += self.wrong.eq(self._wrong(register, samples))
            with m.Default():
                m.d.comb += self.wrong.eq(1)
        return m

    def _wrong(self, register: Register, samples: Any) -> Any:
        """Whether an access of a register is refused."""
        match register:
            case Register.DATA_IN:
                return ~self.write | ~self.whole | samples.full
            case Register.CONTROL | Register.PENDING:
                return self.write & ~self.whole
            case Register.DATA_OUT:
                return self.write | samples.empty
            case _:
                return self.write

    def _cleared(self, m: Module, unit: Any, clear: Signal) -> Any:
        """Returns a unit in a domain that ``clear`` resets too."""
        cleared: Any = ClockDomain("cleared", local=True)
        m.domains += cleared
        cleared.clk = self.sync.clk
        m.d.comb += cleared.rst.eq(self.sync.rst | clear)
        renamed: Any = DomainRenamer("cleared")
        return renamed(unit)

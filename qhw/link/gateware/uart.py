"""A serial line: a start bit, eight bits from the lowest, a stop bit (8N1).

A bit lasts ``1 / rate`` cycles, which need not be a whole number.
"""

from fractions import Fraction
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, stream
from amaranth.lib.wiring import In, Out

from ...tools.hdl import Component

__all__ = ["Received", "Receiver", "Transmitter", "rate"]

DEVIATION = Fraction(1, 500)
"""Tolerated deviation of a bit's length in the counters; the line itself tolerates about 3 %."""


def rate(clock_hz: int, baud: int) -> Fraction:
    """Computes the bits in a cycle, as the simplest fraction that is close enough to ``baud /
    clock_hz``."""
    exact = Fraction(baud, clock_hz)
    for denominator in range(1, clock_hz):
        found = Fraction(round(exact * denominator), denominator)
        if abs(found - exact) <= DEVIATION * exact:
            return found
    return exact


class Received(data.Struct):
    """A byte from the line; ``broken`` is 1 if its stop bit is missing."""

    byte: 8  # pyright: ignore[reportGeneralTypeIssues]
    broken: 1  # pyright: ignore[reportGeneralTypeIssues]


class Receiver(Component):
    """Receives bytes from a serial line; a bit is the majority of three samples in its middle.

    The line cannot wait, so a byte must be taken at once.
    """

    rx: Signal
    o: stream.Interface

    def __init__(self, rate: Fraction):
        self.rate = rate
        super().__init__({"rx": In(1, init=1),  # pyright: ignore[reportCallIssue]
                          "o": Out(stream.Signature(Received, always_ready=True))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        # The line knows no clock: its second register is the first whose value is sure.
        seen = Signal(4, init=15)
        line = Signal()
        last = Signal(init=1)
        a, b, c = seen[1:]
        m.d.comb += line.eq(a & b | a & c | b & c)
        m.d.sync += [seen.eq(Cat(self.rx, seen)), last.eq(line)]

        busy = Signal()
        start = Signal()
        bit = Signal(range(10))
        m.d.comb += start.eq(~busy & last & ~line)
        middle = ticks(m, self.rate, start)
        m.d.sync += self.o.valid.eq(0)
        with m.If(start):
            m.d.sync += [busy.eq(1), bit.eq(0)]
        with m.Elif(busy & middle):
            m.d.sync += bit.eq(bit + 1)
            with m.If(bit == 9):
                m.d.sync += [self.o.valid.eq(1), self.o.payload.broken.eq(~line), busy.eq(0)]
            with m.Elif(bit == 0):
                m.d.sync += busy.eq(~line)
            with m.Else():
                m.d.sync += self.o.payload.byte.eq(Cat(self.o.payload.byte[1:], line))
        return m


class Transmitter(Component):
    """Sends bytes over a serial line, without a gap while the next one is valid."""

    i: stream.Interface
    tx: Signal

    def __init__(self, rate: Fraction):
        self.rate = rate
        super().__init__({"i": In(stream.Signature(8)),
                          "tx": Out(1, init=1)})  # pyright: ignore[reportCallIssue]

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        held = Signal(8)
        left = Signal(range(11))    # bits of which the end is still to come
        end = ticks(m, self.rate)
        m.d.comb += self.i.ready.eq(end & (left <= 1))
        with m.If(end & (left != 0)):
            m.d.sync += [Cat(self.tx, held).eq(Cat(held, 1)), left.eq(left - 1)]
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += [self.tx.eq(0), held.eq(self.i.payload), left.eq(10)]
        return m


def ticks(m: Module, rate: Fraction, start: Value | None = None) -> Signal:
    """Builds a signal that is 1 once a bit; the first time half a bit after ``start``.

    Parameters
    ----------
    m : the module to build into
    rate : bits a cycle, at most 1
    start : one bit that restarts the phase; None for a free-running one
    """
    p, q = rate.numerator, rate.denominator
    phase = Signal(range(q))
    tick = Signal()
    m.d.comb += tick.eq(phase >= q - p)
    m.d.sync += phase.eq((phase + Mux(tick, (p - q) % (1 << len(phase)), p))[:len(phase)])
    if start is not None:
        with m.If(start):
            m.d.sync += phase.eq(q // 2 + p)
    return tick

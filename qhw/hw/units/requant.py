"""Requantization: an integer multiplier and a shift turn sums into activation codes."""

from collections.abc import Callable
from typing import Any

import numpy as np
from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...exact.num import Int, Rounding, round_shift
from ...pe.gates import clipped, modulo, round_biased, rounding_bias
from ...tools.hdl import Component
from ..fabric import Fabric, Parts, added
from ..storage.memory import per_group
from ..streams.stream import beats

__all__ = ["RequantUnit", "Wire"]

Wire = Callable[[str, Int, Value], Value]


class RequantUnit(Component):
    """Requantizes sums one cycle later: multiplies, adds an offset, rounds a shift and saturates.

    A result is ``clip(round((x * multiplier + offset) / 2**shift) + zero)``.

    One register after the multiplier and none after that: the DSP blocks of iCE40 are not
    trusted with two (see docs/how/hardware.md).

    Parameters
    ----------
    multiplier, offset : (channels,)
    y : interval of the codes, to which results saturate
    pe : lanes, a divisor of the channels
    away : (channels,), at least 0: subtracted from negative sums before they are rounded half up
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, multiplier: np.ndarray, offset: np.ndarray, shift: int, zero: int,
                 rounding: Rounding, *, x: Int, y: Int, pe: int, first_shift: int = 0,
                 away: np.ndarray | None = None):
        channels = len(multiplier)
        if channels % pe:
            raise ValueError(f"PE must divide the {channels} channels, and {pe!r} does not")
        self.x, self.y, self.pe = x, y, pe
        self.steps = [(first_shift, Rounding.HALF_UP), (shift, rounding)][not first_shift:]
        self.turns = away is not None
        self.away = np.zeros((channels // pe, pe), np.int64) if away is None else (
            away.reshape(-1, pe))
        self.least = _zeros(int(np.bitwise_or.reduce(self.away, axis=None)))
        self.half = rounding_bias(*self.steps[0])
        bias = self.bias = 0 if self.turns else self.half
        if not first_shift and not self.turns and shift < 40 and (
                rounding in (Rounding.FLOOR, Rounding.HALF_UP)
                or rounding is Rounding.HALF_EVEN and zero % 2 == 0):
            bias, zero = bias + (zero << shift), 0
        self.zero = zero
        factors = multiplier.reshape(-1, pe)
        alone = len(factors) == 1
        self.zeros = [_zeros(int(factor)) if alone else 0 for factor in factors[0]]
        self.multiplier = factors >> np.array(self.zeros)
        self.offset = offset.reshape(-1, pe) + bias
        super().__init__({"i": In(beats(x.shape, pe)), "o": Out(beats(y.shape, pe))})

    def scaled(self, lane: int) -> Int:
        """Computes the interval of a lane's products, without the low bits that are 0 in all of
        them."""
        return self.x * Int.of(self.multiplier[:, lane])

    def total(self, lane: int) -> Int:
        """Computes the interval of a lane's products plus offsets."""
        ends = np.array([[self.x.lo], [self.x.hi]], object)    # products may need over 63 bits
        return Int.of((ends * self.multiplier[:, lane] << self.zeros[lane]) + self.offset[:, lane])

    def rounded(self, lane: int) -> Int:
        """Computes the interval of a lane's codes before saturation."""
        ends = self.total(lane)
        lo, hi = ends.lo - self.bias, ends.hi - self.bias
        if lo < 0:
            lo -= int(self.away[:, lane].max())
        for shift, rounding in self.steps:
            lo, hi = round_shift(lo, shift, rounding), round_shift(hi, shift, rounding)
        return Int(lo + self.zero, hi + self.zero)

    def turned(self, lane: int) -> Int:
        """Computes the interval of a lane's sums after the rounding constant is added, and ``away``
        subtracted from negative sums."""
        total = self.total(lane)
        return Int(total.lo + self.half - int(self.away[:, lane].max()), total.hi + self.half)

    def fixed(self, lane: int) -> bool:
        """Tells whether a lane's code is the same for every input."""
        found = self.rounded(lane)
        return self.y.nearest(found.lo) == self.y.nearest(found.hi)

    def code(self, lane: int, scaled: Value, offset: Value, away: Value, wire: Wire) -> Value:
        """Builds the code of a product: offset, shift, rounding, zero point, saturation.

        Parameters
        ----------
        lane : index of the lane
        scaled : the product, shaped as ``scaled(lane)``
        offset : the channel's offset
        away : the integer subtracted from the channel's negative sums
        wire : function (name, interval, value) that returns a signal of the interval with the value
        """
        total, zeros = self.total(lane), self.zeros[lane]
        low, high = Const(0, 0), Int(total.lo >> zeros, total.hi >> zeros)
        if zeros:
            constant = int(self.offset[0, lane])
            low, offset = Const(constant % (1 << zeros), zeros), Const(constant >> zeros)
        bits = Cat(low, wire("total", high, scaled + modulo(offset, high.width)))
        value = bits.as_signed() if high.shape.signed else bits
        if self.turns:
            below = Cat(Const(0, self.least), away) if high.shape.signed else Const(0)
            negative = value[-1] if high.shape.signed else Const(0)
            value = wire("turned", self.turned(lane),
                         value + Mux(negative, self.half - below, self.half))
        for k, (shift, rounding) in enumerate(self.steps):
            value = (round_shift if k else round_biased)(value, shift, rounding)
        of = self.rounded(lane)
        return clipped(wire("rounded", of, value + self.zero), of, self.y)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        move, take = Signal(), Signal()
        factors, known = per_group(m, "multiplier", self.multiplier, Int.of(self.multiplier), take,
                                   form="light")
        offsets, _ = per_group(m, "offset", self.offset, Int.of(self.offset),
                               self.o.ready & self.o.valid, form="light")
        stored = self.away >> self.least
        aways, _ = per_group(m, "away", stored, Int.of(stored), self.o.ready & self.o.valid,
                             form="light")
        m.d.comb += [
            move.eq(self.o.ready | ~self.o.valid),
            self.i.ready.eq(move & known),
            take.eq(self.i.ready & self.i.valid),
        ]
        with m.If(move):
            m.d.sync += self.o.valid.eq(take)
        for lane in range(self.pe):
            def wire(name: str, of: Int, value: Value, lane: int = lane) -> Value:
                made = Signal(of.shape, name=f"{name}{lane}")
                m.d.comb += made.eq(value)
                return made

            scaled = Signal(self.scaled(lane).shape, name=f"scaled{lane}")
            with m.If(move):
                m.d.sync += scaled.eq(self.i.payload[lane] * factors[lane])
            m.d.comb += self.o.payload[lane].eq(self.code(lane, scaled, offsets[lane], aways[lane],
                                                         wire))
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the multipliers, their registers, and the rounding."""
        one, factors = chip.per_group(self.multiplier, Int.of(self.multiplier), form="light")
        two, offsets = chip.per_group(self.offset, Int.of(self.offset), form="light")
        stored = self.away >> self.least
        three, aways = chip.per_group(stored, Int.of(stored), form="light")
        e = chip.expressions()

        def wire(_: str, of: Int, value: Any) -> Signal:
            return e.assign(Signal(of.shape), value)

        scaled, codes = list[Signal](), list[Signal]()
        for lane, (factor, offset, away) in enumerate(zip(factors, offsets, aways, strict=True)):
            if not self.fixed(lane):
                scaled.append(wire("", self.scaled(lane), Signal(self.x.shape) * factor))
                kept = e.register(scaled[-1])
                codes.append(wire("", self.y, self.code(lane, kept, offset, away, wire)))
        e.need(*scaled, *codes)
        return added(one, two, three, chip.mapped(e, scaled), {"requant": 1, "ff": 1})


def _zeros(factor: int) -> int:
    """Counts the trailing zero bits of ``factor``; 0 for 0."""
    return (factor & -factor).bit_length() - 1 if factor else 0

"""Sums become activation codes by an integer multiplier and a shift."""

import numpy as np
from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..num import Int, Rounding, round_shift
from .memory import per_group
from .stream import beats

__all__ = ["RequantUnit"]


class RequantUnit(wiring.Component):
    """``clip(round((x * multiplier + offset) / 2**shift) + zero)``, one cycle later.

    One register after the multiplier and none after that: the DSP blocks of iCE40 are not
    trusted with two (see docs/hardware.md).

    Parameters
    ----------
    multiplier, offset : (channels,)
    y : interval of the codes, to which results saturate
    pe : lanes, a divisor of the channels
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, multiplier: np.ndarray, offset: np.ndarray, shift: int, zero: int,
                 rounding: Rounding, *, x: Int, y: Int, pe: int, first_shift: int = 0):
        channels = len(multiplier)
        if channels % pe:
            raise ValueError(f"PE must divide the {channels} channels, and {pe!r} does not")
        self.x, self.y, self.pe = x, y, pe
        self.multiplier, self.offset = multiplier.reshape(-1, pe), offset.reshape(-1, pe)
        self.shift, self.zero, self.rounding = shift, zero, rounding
        self.first_shift = first_shift
        super().__init__({"i": In(beats(x.shape, pe)), "o": Out(beats(y.shape, pe))})

    def elaborate(self, platform):
        m = Module()
        factor, addend = Int.of(self.multiplier), Int.of(self.offset)
        move = Signal()
        take = Signal()
        factors, known = per_group(m, "multiplier", self.multiplier, factor, take)
        offsets, _ = per_group(m, "offset", self.offset, addend, self.o.ready & self.o.valid)
        m.d.comb += [
            move.eq(self.o.ready | ~self.o.valid),
            self.i.ready.eq(move & known),
            take.eq(self.i.ready & self.i.valid),
        ]
        with m.If(move):
            m.d.sync += self.o.valid.eq(take)
        product = self.x * factor
        for lane in range(self.pe):
            scaled = Signal(product.shape, name=f"scaled{lane}")
            with m.If(move):
                m.d.sync += scaled.eq(self.i.payload[lane] * factors[lane])
            total = Signal((product + addend).shape, name=f"total{lane}")
            rounded = Signal((product + addend + Int(0, 1 << self.shift)).shape,
                             name=f"rounded{lane}")
            m.d.comb += [
                total.eq(scaled + offsets[lane]),
                rounded.eq(round_shift(round_shift(total, self.first_shift, Rounding.HALF_UP),
                                       self.shift, self.rounding) + self.zero),
                self.o.payload[lane].eq(Mux(rounded < self.y.lo, self.y.lo,
                                            Mux(rounded > self.y.hi, self.y.hi, rounded))),
            ]
        return m

"""The parts of a sum, each times its factor: what several accumulators of an output come to."""

import numpy as np
from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..gates import adder_tree
from ..num import Int
from .memory import per_group
from .stream import beats, step

__all__ = ["CombineUnit"]


class CombineUnit(wiring.Component):
    """``start + sum(factor[p] * part[p])`` for each output, ``each`` parts a cycle.

    One register stands after the multipliers and the sum behind it; a beat takes
    ``ceil(parts / each)`` cycles, and if these are several it is copied first, so that the
    accumulators before can go on.

    Parameters
    ----------
    factors : (outputs, parts)
    start : (outputs,)
    x, y : intervals of the parts and of the results
    pe : outputs at a time, a divisor of them all
    each : multipliers an output has

    Members
    -------
    i : beats of ``pe`` times ``parts`` sums
    o : beats of ``pe`` results
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, factors: np.ndarray, start: np.ndarray, *, x: Int, y: Int, pe: int,
                 each: int = 1):
        outputs, self.parts = factors.shape
        if outputs % pe:
            raise ValueError(f"PE must divide the {outputs} outputs, and {pe!r} does not")
        self.x, self.y, self.pe, self.each = x, y, pe, each
        self.steps = -(-self.parts // each)
        missing = np.zeros((outputs, self.steps * each - self.parts), np.int64)
        self.factors = np.concatenate([factors, missing], axis=1).reshape(
            outputs // pe, pe, self.steps, each).swapaxes(1, 2).reshape(-1, pe * each)
        self.factor = Int.of(self.factors)
        self.start = start.reshape(-1, pe)
        super().__init__({"i": In(beats(x.shape, pe * self.parts)), "o": Out(beats(y.shape, pe))})

    def elaborate(self, platform):
        m = Module()
        move = Signal()
        take = Signal()
        factors, known = per_group(m, "factor", self.factors, self.factor, take)
        place = Signal(range(self.steps))
        last = place == self.steps - 1
        beat = stream.Signature(self.i.payload.shape()).create()
        m.d.comb += [
            move.eq(self.o.ready | ~self.o.valid),
            take.eq(move & beat.valid & known),
            beat.ready.eq(move & known & last),
        ]
        self._input(m, beat)
        with m.If(take):
            step(m, place, self.steps)

        begin = Signal()
        end = Signal()
        begun = Signal()
        with m.If(move):
            m.d.sync += [begun.eq(take), begin.eq(place == 0), end.eq(place == self.steps - 1),
                         self.o.valid.eq(begun & end)]
        starts, _ = per_group(m, "start", self.start, Int.of(self.start), move & begun & end)
        for lane in range(self.pe):
            self._lane(m, lane, list(beat.payload), place, factors[lane * self.each:][:self.each],
                       starts[lane], move, begun, begin)
        return m

    def _input(self, m, beat):
        """The beat that is worked on: the input's, or where it takes several cycles a copy of it.
        """
        if self.steps == 1:
            wiring.connect(m, wiring.flipped(self.i), beat)
            return
        m.d.comb += self.i.ready.eq(beat.ready | ~beat.valid)
        with m.If(self.i.ready):
            m.d.sync += [beat.valid.eq(self.i.valid), beat.payload.eq(self.i.payload)]

    def _lane(self, m, lane, beat, place, factors, start, move, begun, begin):
        product = (self.x * self.factor)
        parts: list[Value] = beat[lane * self.parts:][:self.parts]
        products: list[Value] = []
        for k, factor in enumerate(factors):
            part = Signal(self.x.shape, name=f"part{lane}_{k}")
            with m.Switch(place):
                for s, candidate in enumerate(parts[k::self.each]):
                    with m.Case(s):
                        m.d.comb += part.eq(candidate)
            scaled = Signal(product.shape, name=f"scaled{lane}_{k}")
            with m.If(move):
                m.d.sync += scaled.eq(part * factor)
            products.append(scaled)
        with m.If(move & begun):
            m.d.sync += self.o.payload[lane].eq(
                Mux(begin, start, self.o.payload[lane]) + adder_tree(products))

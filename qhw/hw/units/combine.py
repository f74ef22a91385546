"""Combination: multiplies the partial sums of an output by their factors and adds them."""

from typing import Any

import numpy as np
from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ...exact.num import Int
from ...pe.gates import adder_tree, modulo, selected
from ...tools.hdl import Component
from ..fabric import Expressions, Fabric, Parts, added, times
from ..storage.memory import per_group
from ..streams.stream import beats, step

__all__ = ["CombineUnit", "RunTimeCombineUnit"]


class CombineUnit(Component):
    """Multiplies the parts of each output's sum by constant factors and adds up the products.

    An output is ``start + sum(factor[p] * part[p])``, computed ``each`` parts a cycle. One register
    stands after the multipliers and the sum behind it; a beat takes ``ceil(parts / each)`` cycles,
    and if these are several it is copied first, so that the accumulators before can go on.

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
        super().__init__({"i": In(beats(x.shape, pe * self.parts)), "o": Out(beats(y.shape, pe)),
                          **self.more_ports()})

    def more_ports(self) -> dict[str, wiring.Member]:
        """Returns additional ports, by name."""
        return {}

    def current(self, m: Module, take: Value, place: Signal) -> tuple[list[Value], Value]:
        """Builds the factors of a step, ``each`` for each output, and a bit that tells whether they
        are valid.

        Parameters
        ----------
        m : the module to build into
        take : one bit that uses the factors
        place : the step's number in a beat"""
        return per_group(m, "factor", self.factors, self.factor, take)

    @property
    def product(self) -> Int:
        """The interval of a product."""
        return self.x * self.factor

    def times(self, part: Value, factor: Value) -> Value:
        """Builds ``part`` times ``factor``."""
        return part * factor

    def total(self, begin: Value, start: Value, before: Value, products: list[Value]) -> Value:
        """Builds an accumulator's next value: the sum of ``products``, and of ``start`` if
        ``begin`` is 1, else of its value ``before``."""
        base = modulo(start, len(before)) if self.steps == 1 else Mux(begin, start, before)
        return base + adder_tree(products)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        move = Signal()
        take = Signal()
        place = Signal(range(self.steps))
        factors, known = self.current(m, take, place)
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

    def _input(self, m: Module, beat: stream.Interface) -> None:
        """Connects the working beat: the input itself, or a copy if a beat takes several cycles."""
        if self.steps == 1:
            m.d.comb += [beat.payload.eq(self.i.payload), beat.valid.eq(self.i.valid),
                         self.i.ready.eq(beat.ready)]
            return
        m.d.comb += self.i.ready.eq(beat.ready | ~beat.valid)
        with m.If(self.i.ready):
            m.d.sync += [beat.valid.eq(self.i.valid), beat.payload.eq(self.i.payload)]

    def _lane(self, m: Module, lane: int, beat: list[Value], place: Signal, factors: list[Value],
              start: Value, move: Value, begun: Value, begin: Value) -> None:
        parts: list[Value] = beat[lane * self.parts:][:self.parts]
        products: list[Value] = []
        for k, factor in enumerate(factors):
            part = Signal(self.x.shape, name=f"part{lane}_{k}")
            with m.Switch(place):
                for s, candidate in enumerate(parts[k::self.each]):
                    with m.Case(s):
                        m.d.comb += part.eq(candidate)
            scaled = Signal(self.product.shape, name=f"scaled{lane}_{k}")
            with m.If(move):
                m.d.sync += scaled.eq(self.times(part, factor))
            products.append(scaled)
        total = self.total(begin, start, self.o.payload[lane], products)
        with m.If(move & begun):
            m.d.sync += self.o.payload[lane].eq(total)

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the selections, multipliers and sums, and of the constants."""
        factor_parts, factors = chip.per_group(self.factors, self.factor)
        start_parts, starts = chip.per_group(self.start, Int.of(self.start))
        e = chip.expressions()
        begin, place = Signal(), Signal(range(self.steps))
        scaled, totals = list[Signal](), list[Signal]()
        for lane in range(self.pe):
            products = [
                e.assign(Signal(self.product.shape), self.times(self._part(e, place, k), factor))
                for k, factor in enumerate(factors[lane * self.each:][:self.each])]
            totals.append(e.assign(Signal(self.y.shape), self.total(
                begin, starts[lane], Signal(self.y.shape), [e.register(p) for p in products])))
            scaled += products
        return added(chip.mapped(e, scaled, totals), self.control(), factor_parts, start_parts,
                     chip.counter(self.steps))

    def _part(self, e: Expressions, place: Signal, k: int) -> Signal:
        """The part of multiplier ``k`` in a step: the switch of ``_lane`` as an expression."""
        parts: list[Any] = [Signal(self.x.shape) for _ in range(k, self.parts, self.each)]
        part = parts[0]
        for s, candidate in enumerate(parts[1:], 1):
            part = Mux(place == s, candidate, part)
        return e.assign(Signal(self.x.shape), part)

    def control(self) -> Parts:
        """Counts the flags, and the copy of a beat that is used in several steps."""
        copies = self.pe * self.parts * self.x.width if self.steps > 1 else 0
        return {"ff": 4, "ff.lone": copies, "combine": 1}


class RunTimeCombineUnit(CombineUnit):
    """Multiplies the parts of each output's sum by the vector's own factors, which arrive on ``f``,
    and adds up the products.

    The factors are kept until the vector's last output has used them. With ``shifted`` a factor is
    the exponent of a power of two, and the multiplier a shifter.
    """

    f: stream.Interface

    def __init__(self, outputs: int, parts: int, factor: Int, *, x: Int, y: Int, pe: int,
                 shifted: bool = False):
        self.given, self.shifted, self.groups = factor, shifted, outputs // pe
        super().__init__(np.zeros((outputs, parts), np.int64), np.zeros(outputs, np.int64),
                         x=x, y=y, pe=pe)
        self.factor = factor

    def more_ports(self) -> dict[str, wiring.Member]:
        """Adds the stream ``f`` of factors, ``parts`` a vector."""
        return {"f": In(stream.Signature(data.ArrayLayout(self.given.shape, self.parts)))}

    def current(self, m: Module, take: Value, place: Signal) -> tuple[list[Value], Value]:
        """Selects a factor of the current vector, and pops the vector's factors after its last
        output.

        Parameters
        ----------
        m : the module to build into
        take : one bit that uses the factor
        place : the step's number, which selects the factor
        """
        group = Signal(range(self.groups))
        with m.If(take & (place == self.steps - 1)):
            with step(m, group, self.groups):
                m.d.comb += self.f.ready.eq(1)
        return [selected(place, list(self.f.payload))] * self.pe, self.f.valid

    @property
    def product(self) -> Int:
        """The interval of a product, or of a shifted part."""
        return self.x * (Int(1, 1 << self.given.hi) if self.shifted else self.given)

    def times(self, part: Value, factor: Value) -> Value:
        """Builds ``part`` times ``factor``, or ``part`` shifted left by it."""
        return part << factor if self.shifted else part * factor

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of a lane for each output: a multiplier or shifter, an adder that starts
        at 0, and the multiplexer of its part, one LUT for each bit."""
        e = chip.expressions()
        part, factor = Signal(self.x.shape), Signal(self.given.shape)
        scaled = e.assign(Signal(self.product.shape), self.times(part, factor))
        total = e.assign(Signal(self.y.shape), Signal(self.y.shape) + Signal(self.product.shape))
        selects = self.x.width * (self.parts - 1)
        return added(times(chip.mapped(e, [scaled], [total]), self.pe),
                     {"lut": selects * self.pe}, self.control(),
                     chip.counter(self.groups), chip.counter(self.steps))

"""Sigmoids and hyperbolic tangents of 16-bit numbers: a table, and lines between its entries."""

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...exact.num import Int, Rounding, round_shift
from ...exact.sigmoid import PART, lines
from ...pe.gates import clipped, selected
from ...tools.hdl import Component, Memory
from ..fabric import Fabric, Parts, added
from ..storage.memory import pack
from ..streams.stream import beats, step

__all__ = ["CELL", "SigmoidUnit"]

CELL = Int.of_bits(16, signed=True)
FOUND = 16 + PART
"""Bits of a sigmoid behind the point before it is rounded."""


class SigmoidUnit(Component):
    """Computes sigmoids or hyperbolic tangents of the first lane, three cycles later; other lanes
    pass.

    The table and the roundings are those of ``exact.sigmoid``; the input first saturates to 16
    bits and is multiplied by ``3 * 2**shift``, rounded half up.

    Parameters
    ----------
    turns : whether a beat's function is the hyperbolic tangent, for as many beats in turn
    x : interval of the elements
    shift : bits to the left, or if negative to the right
    lanes : elements a beat
    """

    i: stream.Interface
    o: stream.Interface

    stages = 3

    def __init__(self, turns: Sequence[bool], *, x: Int, shift: int = 0, lanes: int = 1):
        self.turns, self.x, self.shift, self.lanes = turns, x, shift, lanes
        base, growth = lines()
        self.bits = 15 + Int.of(growth).width
        """Bits of a word of the table: an entry less a half, and the growth behind it."""
        self.words = pack(((base & 0x7FFF) + (growth << 15))[:, None], self.bits)
        super().__init__({"i": In(beats(x.shape, lanes)), "o": Out(beats(CELL.shape, lanes))})

    def _scaled(self, x: Value) -> Value:
        """Builds the input in steps of the table; a product with 3 would take a DSP block."""
        inside = clipped(x, self.x, CELL)
        thrice = (inside << 1) + inside
        return thrice << self.shift if self.shift >= 0 else round_shift(
            thrice, -self.shift, Rounding.HALF_UP)

    def _place(self, scaled: Value, tangent: Value) -> Value:
        """Builds a magnitude in steps of a sigmoid's table; a tangent is a sigmoid of twice as
        much."""
        size = Mux(scaled < 0, -scaled, scaled).as_unsigned()
        return Mux(tangent, size << 1, size)

    def _entry(self, place: Value) -> Value:
        """Builds the address of the entry below a place."""
        above = place[PART:]
        return Mux(above >= 255, 255, above)

    def _found(self, word: Value, part: Value) -> Value:
        """Builds a sigmoid less a half, ``part`` steps behind the entry ``word``."""
        return (word[:15] << PART) + part * word[15:]

    def _result(self, found: Value, negative: Value, tangent: Value) -> Value:
        """Builds the rounded result; ``found`` is the sigmoid of the magnitude, less a half."""
        value = (Cat(found, Const(0, 1)) ^ negative.replicate(FOUND)).as_signed()
        total = value + Mux(tangent, 256, (1 << FOUND - 1) + 512)
        return Mux(tangent, total >> 9, total >> 10)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.table = table = Memory(shape=self.bits, depth=256, init=self.words)
        port = table.read_port()
        move, valid = Signal(), Signal(2)
        turn = Signal(range(len(self.turns)))
        tangent = selected(turn, [Const(int(t)) for t in self.turns]) if len(self.turns) > 1 else (
            Const(int(self.turns[0])))
        scaled = self._wire(m, "scaled", self._scaled(self.i.payload[0]))
        place = self._wire(m, "place", self._place(scaled, tangent))
        part = Signal(PART)
        found = Signal(FOUND - 1)
        negative, tangents = Signal(2), Signal(2)
        m.d.comb += [move.eq(self.o.ready | ~self.o.valid), self.i.ready.eq(move),
                     port.en.eq(move), port.addr.eq(self._entry(place))]
        with m.If(move):
            m.d.sync += [
                valid.eq(valid << 1 | self.i.valid), self.o.valid.eq(valid[1]),
                negative.eq(negative << 1 | (scaled < 0)), tangents.eq(tangents << 1 | tangent),
                part.eq(place[:PART]), found.eq(self._found(port.data, part)),
                self.o.payload[0].eq(self._result(found, negative[1], tangents[1]))]
            for k in range(1, self.lanes):
                passed = [Signal(CELL.shape, name=f"passed{k}_{n}") for n in range(2)]
                m.d.sync += [passed[0].eq(self.i.payload[k]), passed[1].eq(passed[0]),
                             self.o.payload[k].eq(passed[1])]
        if len(self.turns) > 1:
            with m.If(move & self.i.valid):
                step(m, turn, len(self.turns))
        return m

    @staticmethod
    def _wire(m: Module, name: str, value: Value) -> Signal:
        made = Signal(value.shape(), name=name)
        m.d.comb += made.eq(value)
        return made

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the table, of the two numbers before it, and of the line behind it."""
        e, alone = chip.expressions(), len(self.turns) == 1
        tangent = [Const(int(self.turns[0]))] * 2 if alone else [Signal(), Signal()]
        value = self._scaled(Signal(self.x.shape))
        scaled = e.assign(Signal(value.shape()), value)
        value = self._place(scaled, tangent[0])
        place = e.assign(Signal(value.shape()), value)
        found = e.assign(Signal(FOUND - 1), self._found(Signal(self.bits), Signal(PART)))
        result = e.assign(Signal(CELL.shape), self._result(
            Signal(FOUND - 1), Signal(), tangent[1]))
        e.need(self._entry(place))
        passed = 3 * CELL.width * (self.lanes - 1)
        return added(chip.mapped(e, [place[:PART], found, result]),
                     chip.rom(self.words, self.bits, counted=False),
                     {} if alone else chip.counter(len(self.turns)),
                     {"ff": 5 if alone else 7, "ff.lone": passed})

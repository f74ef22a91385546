"""Long short-term memory (Hochreiter and Schmidhuber, 1997): a product whose results come back.

Each step multiplies the hidden state by the recurrent weights. Its four gates, the sums and the
step's input, go through sigmoids and a hyperbolic tangent, change the cell state, and make the
next hidden state, which leaves and comes back. All but the product work on one element a cycle."""

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from amaranth.hdl import Const, Module, Mux, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out, flipped

from ...exact.num import Int
from ...pe.gates import clipped
from ...tools.hdl import Component, Memory, connect, like
from ..fabric import Fabric, Parts, added
from ..streams.stream import Buffer, Narrow, Widen, beats, step
from .join import Fork, SumUnit
from .matvec import MatVecUnit
from .requant import RequantUnit, Wire
from .sigmoid import CELL, SigmoidUnit

__all__ = ["CellUnit", "LstmUnit", "ProductUnit", "StartUnit"]

GATES = 4
TURNS = (False, False, True, False)
"""Whether a gate is a hyperbolic tangent: forget gate, input gate, new cell, output gate."""


class StartUnit(Component):
    """Emits some beats of a constant after reset, then the beats that come.

    Parameters
    ----------
    count : number of the first beats
    value : their element
    x : interval of the elements
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, count: int, value: int, *, x: Int):
        self.count, self.value = count, value
        super().__init__({"i": In(beats(x.shape, 1)), "o": Out(beats(x.shape, 1))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        left = Signal(range(self.count + 1), init=self.count)
        begun = Signal()
        m.d.comb += [begun.eq(left == 0), self.o.valid.eq(self.i.valid | ~begun),
                     self.i.ready.eq(self.o.ready & begun),
                     self.o.payload[0].eq(Mux(begun, self.i.payload[0], self.value))]
        with m.If(self.o.ready & ~begun):
            m.d.sync += left.eq(left - 1)
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the counter and of the selection."""
        e, x = chip.expressions(), Signal(self.i.payload[0].shape())
        e.need(e.assign(like(x), Mux(Signal(), x, self.value)))
        return added(chip.mapped(e), chip.counter(self.count + 1))


class CellUnit(Component):
    """Updates the cell state from a unit's four gates, three cycles later.

    The new state is ``forget * state + input * new``, each product requantized. It is 0 after
    reset. Beats of one cell must be three cycles apart: a state is read when its beat arrives. The
    ``Widen`` before the unit collects a beat in four cycles.

    Parameters
    ----------
    units : number of cells, which take turns
    codes : requantization of both products, in two lanes
    y : interval to which the state saturates

    Members
    -------
    i : the forget gate, the input gate, the new cell and the output gate
    o : the state and the output gate
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, units: int, codes: RequantUnit, *, y: Int):
        self.units, self.codes, self.y = units, codes, y
        super().__init__({"i": In(beats(CELL.shape, GATES)), "o": Out(beats(CELL.shape, 2))})

    def _code(self, k: int, product: Value, wire: Wire) -> Value:
        """Builds a requantized product."""
        unit = self.codes
        scaled = wire("scaled", unit.scaled(k), product * int(unit.multiplier[0, k]))
        offset = Const(int(unit.offset[0, k]), Int.of(unit.offset).shape)
        away = unit.away >> unit.least
        return unit.code(k, scaled, offset, Const(int(away[0, k]), Int.of(away).shape), wire)

    def _sum(self, a: Value, b: Value, wire: Wire) -> Value:
        """Builds the new state."""
        of = self.codes.y + self.codes.y
        return clipped(wire("total", of, a + b), of, self.y)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.state = memory = Memory(shape=CELL.width, depth=self.units, init=[])
        write, read = memory.write_port(), memory.read_port()
        at, put = (Signal(range(self.units), name=name) for name in ("at", "put"))
        move, begun = Signal(), Signal()
        valid = Signal(2)
        forget, input_, new, output = self.i.payload
        old, state = Signal(CELL.shape), Signal(CELL.shape)
        products = [Signal(self.codes.x.shape, name=f"product{k}") for k in range(2)]
        codes = [Signal(self.codes.y.shape, name=f"code{k}") for k in range(2)]
        passed = [Signal(CELL.shape, name=f"output{k}") for k in range(2)]

        def wire(name: str, of: Int, value: Value, k: int | str = "") -> Signal:
            made = Signal(of.shape, name=f"{name}{k}")
            m.d.comb += made.eq(value)
            return made

        m.d.comb += [
            move.eq(self.o.ready | ~self.o.valid), self.i.ready.eq(move),
            read.addr.eq(at), old.eq(Mux(begun, read.data, 0)),
            state.eq(self._sum(codes[0], codes[1], wire)),
            write.addr.eq(put), write.data.eq(state), write.en.eq(move & valid[1])]
        with m.If(move):
            m.d.sync += [valid.eq(valid << 1 | self.i.valid), self.o.valid.eq(valid[1]),
                         products[0].eq(forget * old), products[1].eq(input_ * new),
                         passed[0].eq(output), passed[1].eq(passed[0]),
                         self.o.payload[0].eq(state), self.o.payload[1].eq(passed[1])]
            m.d.sync += [code.eq(self._code(k, product, partial(wire, k=k)))
                         for k, (code, product) in enumerate(zip(codes, products, strict=True))]
        with m.If(write.en):
            step(m, put, self.units)
        with m.If(move & self.i.valid), step(m, at, self.units):
            m.d.sync += begun.eq(1)
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the states' memory, of the products and of the sum."""
        e = chip.expressions()

        def wire(_: str, of: Int, value: Any) -> Signal:
            return e.assign(Signal(of.shape), value)

        old = e.assign(Signal(CELL.shape), Mux(Signal(), Signal(CELL.shape), 0))
        x = self.codes.x
        products = [wire("", x, Signal(CELL.shape) * v) for v in (old, Signal(CELL.shape))]
        codes = [wire("", self.codes.y, self._code(k, e.register(product), wire))
                 for k, product in enumerate(products)]
        one, two = (e.register(code) for code in codes)
        state = wire("", self.y, self._sum(one, two, wire))
        e.need(state)
        place = chip.counter(self.units)
        return added(chip.mapped(e, products, codes, [state]), place, place,
                     chip.memory(CELL.width, self.units, writable=True),
                     {"ff": 4, "ff.lone": 3 * CELL.width})


class ProductUnit(Component):
    """Multiplies the two lanes of a beat, a cycle later.

    ``y`` is the interval of the product."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, *, y: Int):
        super().__init__({"i": In(beats(CELL.shape, 2)), "o": Out(beats(y.shape, 1))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += self.i.ready.eq(self.o.ready | ~self.o.valid)
        with m.If(self.i.ready):
            m.d.sync += [self.o.valid.eq(self.i.valid),
                         self.o.payload[0].eq(self.i.payload[0] * self.i.payload[1])]
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the product."""
        e = chip.expressions()
        product = e.assign(Signal(self.o.payload[0].shape()),
                           Signal(CELL.shape) * Signal(CELL.shape))
        return added(chip.mapped(e, [product]), {"ff": 1})


class LstmUnit(Component):
    """Computes the hidden states of a sequence from the sums of its inputs.

    Parameters
    ----------
    product : the product of the recurrent weights; the gates of a unit are four outputs in turn
    gates : requantization of its sums, to 16 bits
    cell : the cell state
    shift : bits by which the cell state is larger than 1 / 4096
    out : requantization of the products of output gates and states to hidden states
    zero : the code of the first hidden state

    Members
    -------
    i : the inputs' share of each gate, in the order of the product's outputs, in 16 bits
    o : hidden states
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, product: MatVecUnit, gates: RequantUnit, cell: CellUnit, shift: int,
                 out: RequantUnit, zero: int):
        self.product, self.gates, self.cell, self.shift = product, gates, cell, shift
        self.out, self.zero = out, zero
        super().__init__({"i": In(beats(CELL.shape, 1)), "o": Out(beats(out.y.shape, 1))})

    def _way(self) -> dict[str, Any]:
        """Makes the units between the hidden states and those that follow, in order."""
        one, x, y = np.ones(1, np.int64), self.out.y, self.product.y
        pe, simd = self.product.pe, self.product.simd
        return {
            "start": StartUnit(self.cell.units, self.zero, x=x),
            **({"vector": Widen(x.shape, 1, simd)} if simd > 1 else {}),
            "product": self.product,
            **({"sums": Narrow(y.shape, 1, pe)} if pe > 1 else {}),
            "gates": self.gates,
            "add": SumUnit(one, one, xs=(CELL, CELL), y=CELL + CELL, lanes=1),
            "sigmoid": SigmoidUnit(TURNS, x=CELL + CELL),
            "hold": Buffer(CELL.shape, 1),
            "four": Widen(CELL.shape, 1, GATES),
            "cell": self.cell,
            "tanh": SigmoidUnit((True,), x=CELL, shift=self.shift, lanes=2),
            "output": ProductUnit(y=self.out.x),
            "out": self.out,
            "fork": Fork(x.shape, 1, 2)}

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        way = self._way()
        for name, unit in way.items():
            m.submodules[name] = unit
        units = list(way.values())
        for before, unit in pairwise(units):
            connect(m, before.o, unit.i1 if isinstance(unit, SumUnit) else unit.i)
        fork = units[-1]
        connect(m, flipped(self.i), way["add"].i0)
        connect(m, fork.o0, flipped(self.o))
        connect(m, fork.o1, units[0].i)
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of the units on the way."""
        return added(*(unit.made_of(chip) for unit in self._way().values()))

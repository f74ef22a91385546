"""A constant table for each element of a beat."""

from typing import Any

import numpy as np
from amaranth.hdl import Const, Module, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...exact.num import Int
from ...pe.gates import selected
from ...tools.hdl import Component
from ..fabric import Fabric, Parts, added
from ..streams.stream import beats

__all__ = ["LookupUnit"]


class LookupUnit(Component):
    """Looks each activation up in a table of all inputs, one cycle later.

    The result is ``table[x - x.lo]``.

    Parameters
    ----------
    table : (x.hi - x.lo + 1,)
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, table: np.ndarray, *, x: Int, y: Int, pe: int):
        self.table, self.x, self.y, self.pe = table, x, y, pe
        super().__init__({"i": In(beats(x.shape, pe)), "o": Out(beats(y.shape, pe))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += self.i.ready.eq(self.o.ready | ~self.o.valid)
        row: list[Value] = [Const(int(v), self.y.shape) for v in self.table]
        with m.If(self.i.ready):
            m.d.sync += self.o.valid.eq(self.i.valid)
        for lane in range(self.pe):
            index = Signal(range(len(row)), name=f"index{lane}")
            m.d.comb += index.eq(self.i.payload[lane] - self.x.lo)
            with m.If(self.i.ready):
                m.d.sync += self.o.payload[lane].eq(selected(index, row))
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the multiplexers into which a constant table is mapped."""
        e = chip.expressions()
        row = [int(v) for v in self.table]
        outputs = list[Signal]()
        for _ in range(self.pe):
            index = e.assign(Signal(range(len(row))), Signal(self.x.shape) - self.x.lo)
            outputs.append(e.assign(Signal(self.y.shape), selected(index, row)))
        return added(chip.mapped(e, outputs), {"lookup": 1, "ff": 1})

"""The hardware: one register between two streams."""

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from qhw.exact.num import Int
from qhw.hw.fabric import added
from qhw.hw.streams.stream import beats

__all__ = ["MagnitudeUnit"]


class MagnitudeUnit(wiring.Component):
    """Takes ``lanes`` integers a beat; the next beat is taken when the last one has left."""

    i: stream.Interface
    o: stream.Interface

    def __init__(self, x: Int, y: Int, lanes: int):
        self.x, self.y, self.lanes = x, y, lanes
        super().__init__({"i": In(beats(x.shape, lanes)), "o": Out(beats(y.shape, lanes))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += self.i.ready.eq(self.o.ready | ~self.o.valid)
        with m.If(self.i.ready):
            m.d.sync += self.o.valid.eq(self.i.valid)
            for x, y in zip(self.i.payload, self.o.payload, strict=True):
                m.d.sync += y.eq(self.magnitude(x))
        return m

    def magnitude(self, x: Value) -> Value:
        """Builds the expression that both gates and price are made of."""
        return Mux(x < 0, -x, x)

    def made_of(self, chip: Any) -> dict[str, float]:
        """Lists the parts, from which the cost is estimated."""
        e = chip.expressions()
        values = [e.assign(Signal(self.y.shape), self.magnitude(Signal(self.x.shape)))
                  for _ in range(self.lanes)]
        return added(chip.mapped(e, values), {"ff": 1})

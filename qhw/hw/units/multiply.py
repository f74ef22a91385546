"""The product of two streams, lane by lane."""

from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...exact.num import Int
from ...tools.hdl import Component, like
from ..fabric import Fabric, Parts, added
from ..streams.stream import beats, paired

__all__ = ["MultiplyUnit"]


class MultiplyUnit(Component):
    """``(x - zeros[0]) * (y - zeros[1])`` of two streams, a cycle after both are there.

    Parameters
    ----------
    zeros : the integers of both streams that stand for 0
    xs : intervals of x and y
    y : interval of the result
    lanes : elements a beat
    """

    i0: stream.Interface
    i1: stream.Interface
    o: stream.Interface

    def __init__(self, zeros: tuple[int, int], *, xs: tuple[Int, Int], y: Int, lanes: int):
        self.zeros, self.lanes = zeros, lanes
        super().__init__({"i0": In(beats(xs[0].shape, lanes)), "i1": In(beats(xs[1].shape, lanes)),
                          "o": Out(beats(y.shape, lanes))})

    def _product(self, x: Value, y: Value) -> Value:
        a, b = (v - zero if zero else v for v, zero in zip((x, y), self.zeros, strict=True))
        return a * b

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        take = Signal()
        free = self.o.ready | ~self.o.valid
        with paired(m, take, self.i0, self.i1, self.o, free):
            for k in range(self.lanes):
                m.d.sync += self.o.payload[k].eq(self._product(self.i0.payload[k],
                                                               self.i1.payload[k]))
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Counts the products, and the control, which is that of a sum."""
        e = chip.expressions()
        width = len(Value.cast(self.o.payload)) // self.lanes
        products = [e.assign(Signal(width), self._product(
            like(self.i0.payload[k]), like(self.i1.payload[k])))
            for k in range(self.lanes)]
        return added({"sum": 1, "ff": 1}, chip.mapped(e, products))

"""Several groups of a product in parallel: matrix-vector units side by side."""

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Module, Value
from amaranth.lib import stream
from amaranth.lib.wiring import In, Out

from ...exact.num import Int
from ...tools.hdl import Component
from ..fabric import Fabric, Parts, added, times
from ..streams.stream import beats
from .matvec import MatVecUnit

__all__ = ["GroupedUnit"]


class GroupedUnit(Component):
    """Gives each unit its part of every input beat, and joins their output beats.

    Parameters
    ----------
    units : units of equal shapes, which take beats and emit them in the same cycles
    y : interval of the results, which contains those of all units

    Members
    -------
    i : beats of all units' activations, the first unit's in the lowest bits
    o : beats of all units' results
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, units: Sequence[MatVecUnit], y: Int):
        self.units = units
        super().__init__({"i": In(beats(units[0].x.shape, len(units) * units[0].simd)),
                          "o": Out(beats(y.shape, len(units) * units[0].lanes))})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        ready, valid = Value.cast(1), Value.cast(1)
        for unit in self.units:
            ready, valid = ready & unit.i.ready, valid & unit.o.valid
        m.d.comb += [self.i.ready.eq(ready), self.o.valid.eq(valid)]
        for k, unit in enumerate(self.units):
            m.submodules[f"group{k}"] = unit
            bits = len(unit.i.payload.as_value())
            m.d.comb += [
                unit.i.payload.as_value().eq(self.i.payload.as_value().word_select(k, bits)),
                unit.i.valid.eq(self.i.valid & ready), unit.o.ready.eq(self.o.ready & valid),
                *(self.o.payload[k * unit.lanes + n].eq(unit.o.payload[n])
                  for n in range(unit.lanes)),
            ]
        return m

    def made_of(self, chip: Fabric) -> Parts:
        """Lists the parts of all units. Constant weights differ; units with memories are as many
        parts each as the first."""
        first = self.units[0]
        if first.constant:
            return added(*(unit.made_of(chip) for unit in self.units))
        return times(first.made_of(chip), len(self.units))

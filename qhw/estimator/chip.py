"""A chip as units see it: it lists the parts that a unit takes in a target's cells."""

from functools import lru_cache
from typing import Any

from amaranth.hdl import Cat, Const, Signal, Value

from ..adders import Network
from ..adders.fuse import fused_cost
from ..adders.polarity import inverters
from ..exact.num import Int
from ..hw.fabric import Fabric, Parts
from ..hw.units.matvec import MatVecUnit
from ..targets import Target
from .parts import Cells, columns, read
from .tiles import Known, constant_tile, folded_tile

__all__ = ["Chip"]


@lru_cache(maxsize=16)
def _known(_: Target) -> Known:
    """Keeps the gates that are mapped for a target, wherever its memories go."""
    return Known()


class Chip(Cells):
    """A target that lists the parts of units: their cells, after the changes that synthesis
    makes."""

    def __init__(self, target: Target):
        super().__init__(target)
        self._known = _known(target.giving(0))

    def made_of(self, unit: Any) -> Parts:
        """Lists the parts of a unit."""
        fabric: Fabric = self
        return unit.made_of(fabric)

    def tile(self, unit: MatVecUnit) -> Parts:
        """Lists the parts of a unit's processing elements and of the accumulators behind them."""
        return constant_tile(self, unit) if unit.constant else folded_tile(
            self, unit, self._known)

    def adders(self, network: Network) -> int:
        """Counts the cells of a network of adders."""
        adders = self.family.adders
        inverted = inverters(network) if adders.inverter else 0
        return (fused_cost(network) if adders.fuses else network.cost) + inverted

    def limit(self, words: list[int], interval: Int, sign: Value | None) -> Value:
        """Returns the output of a memory of limits as a comparator reads it.

        Yosys turns memories in logic into gates before it maps comparators. A comparator with a
        carry chain drops the lowest bits that are 0 in all limits. One that is too narrow for a
        chain drops all bits that are constant.

        Parameters
        ----------
        words : the contents, numbers of ``interval`` in two's complement
        interval : the interval of all limits
        sign : the sign bit of the compared number if the memory's address is its complement; a
            column of the memory that equals it becomes that bit. None for another address"""
        width = interval.width
        found = columns(words, width)
        if width <= self.family.unchained:
            return read(found, len(words), interval)[0]
        absorbed = self.family.absorbs and any(words)
        if absorbed or self.target.style(width, len(words), writable=False) == "block":
            return Signal(interval.shape)
        low = next((k for k, column in enumerate(found) if column), width)
        top: Value = Signal()
        if not found[-1]:
            top = Const(0, 1)
        elif sign is not None and found[-1] == sum(1 << n for n in range(0, len(words), 2)):
            top = sign
        limit = Cat(Const(0, low), Signal(width - low - 1), top) if low < width else Const(0, width)
        return limit.as_signed() if interval.shape.signed else limit

"""A chip as units see it: what answers ``made_of`` of a target's cells."""

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
from .tiles import Elements, constant_tile, folded_tile

__all__ = ["Chip"]


class Chip(Cells):
    """A target that lists the parts of units: the cells, and what synthesis does around them."""

    def __init__(self, target: Target):
        super().__init__(target)
        self._elements: dict[bytes, Elements] = {}

    def made_of(self, unit: Any) -> Parts:
        """Lists the parts of a unit."""
        fabric: Fabric = self
        return unit.made_of(fabric)

    def tile(self, unit: MatVecUnit) -> Parts:
        """Lists the parts of a unit's processing elements and of the accumulators behind them."""
        return constant_tile(self, unit) if unit.constant else folded_tile(
            self, unit, self._elements)

    def adders(self, network: Network) -> int:
        """Counts the cells of a network of adders."""
        adders = self.family.adders
        inverted = inverters(network) if adders.inverter else 0
        return (fused_cost(network) if adders.fuses else network.cost) + inverted

    def limit(self, words: list[int], interval: Int, sign: Value | None) -> Value:
        """What a comparator sees of a memory of limits.

        Yosys makes memories in logic before it maps comparators: if there is a carry chain, they
        lose the limits' lowest zeros; if they are too short for one, all that is constant.

        Parameters
        ----------
        words : the contents, numbers of ``interval`` in two's complement
        interval : of all limits
        sign : of the number compared, of which the address is the complement; it takes the place of
            a column of the memory that is the same. None if the address is another
        """
        width = interval.width
        found = columns(words, width)
        if width <= self.family.unchained:
            return read(found, len(words), interval)[0]
        absorbed = self.family.absorbs and any(words)
        if absorbed or self.family.style(width, len(words), writable=False) == "block":
            return Signal(interval.shape)
        low = next((k for k, column in enumerate(found) if column), width)
        top: Value = Signal()
        if not found[-1]:
            top = Const(0, 1)
        elif sign is not None and found[-1] == sum(1 << n for n in range(0, len(words), 2)):
            top = sign
        limit = Cat(Const(0, low), Signal(width - low - 1), top) if low < width else Const(0, width)
        return limit.as_signed() if interval.shape.signed else limit

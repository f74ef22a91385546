"""A table from codes to codes: uneven levels, and other formats."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from ..errors import ModelError
from ..exact.held import holding
from ..exact.num import Int
from ..graph import Tensor
from ..hw.units.lookup import LookupUnit
from ..schedule import Channel, Net
from ..tools.hdl import Component
from .op import Lanewise

__all__ = ["Lookup"]


@dataclass(frozen=True, eq=False)
class Lookup(Lanewise):
    """``table[x - lo]`` of the codes. ``format`` is the format of the entries, with an empty
    shape."""

    kind = "lookup"
    raw = True

    table: np.ndarray
    format: Tensor
    lo: int = 0
    pe: int = 1

    def within(self, x: Int) -> Self:
        """Returns the table for inputs in a narrower interval ``x``; itself if ``x`` is not
        narrower."""
        hi = self.lo + len(self.table) - 1
        if not self.lo <= x.lo <= x.hi <= hi or (x.lo, x.hi) == (self.lo, hi):
            return self
        return replace(self, table=self.table[x.lo - self.lo:x.hi - self.lo + 1], lo=x.lo)

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        if x.codes is not None and x.codes.hi - x.codes.lo + 1 != len(self.table):
            raise ModelError(f"its table has {len(self.table)} entries, "
                             f"and its input is {x.codes}")
        return replace(self.format, shape=x.shape)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return self.table[x - self.lo]

    def prepared(self, *xs: Tensor) -> Callable[[np.ndarray], np.ndarray]:
        table = self.table.astype(holding(max(self.format.integer.size, 1)))
        return lambda x: table[x.astype(np.intp) - self.lo]

    def unit(self, *xs: Tensor) -> Component:
        x, = xs
        return LookupUnit(self.table, x=x.integer, y=self.format.integer, pe=self.pe)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        return net.register(ins[0])

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        return arrivals + 1

"""A table from codes to codes: uneven levels, and other formats."""

from dataclasses import dataclass, replace

import numpy as np

from ..errors import ModelError
from ..graph import Tensor
from ..hw.units.lookup import LookupUnit
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

    def infer(self, *xs):
        x, = xs
        if x.codes is not None and x.codes.hi - x.codes.lo + 1 != len(self.table):
            raise ModelError(f"its table has {len(self.table)} entries, "
                             f"and its input is {x.codes}")
        return replace(self.format, shape=x.shape)

    def evaluate(self, *xs):
        x, = xs
        return self.table[x - self.lo]

    def unit(self, *xs):
        x, = xs
        return LookupUnit(self.table, x=x.integer, y=self.format.integer, pe=self.pe)

    def stream(self, net, ins, *xs):
        return net.register(ins[0])

    def schedule(self, arrivals, *xs):
        return arrivals + 1

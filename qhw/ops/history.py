"""State from one inference to the next: the rows of inferences before, and the new ones."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd
from typing import Any

import numpy as np

from ..errors import ModelError
from ..exact.num import Int
from ..graph import Graph
from ..graph.tensor import Tensor
from ..hw.units.history import HistoryUnit
from ..schedule import Channel, Net, paced
from .op import FOREVER, HardwareOp, Lanewise

__all__ = ["History", "remembered"]


@dataclass(frozen=True, eq=False)
class History(Lanewise):
    """The last rows of the inferences before, then the new rows; a batch is a sequence of
    inferences from reset on.

    Parameters
    ----------
    initial : codes of the rows kept, as reset sets them, (rows, *shape of a row)
    scale, zero : their format, which the new rows have too
    newest_first : whether the rows of later inferences stand before those of earlier ones
    pe : lanes
    """

    kind = "history"
    raw = True

    initial: np.ndarray
    scale: Fraction = Fraction(1)
    zero: Fraction = Fraction(0)
    newest_first: bool = False
    pe: int = 1

    def infer(self, *xs: Tensor) -> Tensor:
        """Infers the format of the rows kept and the new ones; ModelError if they differ."""
        x, = xs
        if x.shape[1:] != self.initial.shape[1:]:
            raise ModelError(f"it keeps rows of shape {self.initial.shape[1:]}, and its input has "
                             f"shape {x.shape}")
        if (x.scale, x.zero, x.coded) != (self.scale, self.zero, None):
            raise ModelError(f"it keeps rows of the scale {self.scale} and zero point {self.zero}, "
                             f"and its input has other codes")
        return replace(x, shape=(x.shape[0] + len(self.initial), *x.shape[1:]),
                       codes=x.integer | Int.of(self.initial))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        """Computes the rows that each sample (N, rows, *shape of a row) finds and adds, in order.
        """
        x, = xs
        rows: int = x.shape[1]
        every = x[::-1] if self.newest_first else x
        parts = [every.reshape(-1, *x.shape[2:]), self.initial.astype(x.dtype)]
        row = np.concatenate(parts if self.newest_first else parts[::-1])
        first = rows * np.arange(len(x))
        first = first[::-1] if self.newest_first else first
        return row[first[:, None] + np.arange(rows + len(self.initial))]

    def divided(self, *xs: Tensor) -> int:
        return gcd(xs[0].channels, self.initial.size)

    def interval(self, *xs: Tensor) -> int:
        """Computes the cycles in which all output beats leave."""
        return self.infer(*xs).size // self.pe

    def remembers(self, *xs: Tensor) -> int:
        """Counts the inferences that bring the rows kept."""
        return -(-len(self.initial) // xs[0].shape[0])

    def unit(self, *xs: Tensor) -> HistoryUnit:
        """Makes the ring of the rows kept and the new ones."""
        x, = xs
        return HistoryUnit(self.initial.reshape(-1, self.pe), x.size // self.pe, x=x.integer,
                           y=self.infer(x).integer, newest_first=self.newest_first)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        """Adds a buffer whose rows are beats, of which kept ones need no new beat but the first."""
        unit = self.unit(*xs)
        every = range(unit.depth)
        return net.rows(ins[0], 1, unit.count, [unit.needs(k) for k in every],
                        [unit.frees(k) for k in every], 1)

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        """Computes when beats leave: a cycle after the new beats that they wait for are there."""
        unit = self.unit(*xs)
        needed = np.array([unit.needs(k) for k in range(unit.depth)]) - 1
        return paced(paced(arrivals)[needed] + 1) + 1


def remembered(graph: Graph) -> int:
    """Counts the inferences before one on which a lowered graph's output may depend; 0 without
    state, at most ``FOREVER``."""
    return min(FOREVER, sum(n.op.remembers(*(graph.tensors[i] for i in n.inputs))
                            for n in graph.nodes if isinstance(n.op, HardwareOp)))

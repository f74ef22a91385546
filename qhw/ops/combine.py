"""Combination of partial sums: each part is multiplied by an integer of its output, then added."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import ModelError
from ..exact.num import Int
from ..graph import Fold, PeSimd, Tensor
from ..hw.units.combine import CombineUnit
from ..schedule import Channel, Net, paced
from ..tools.hdl import Component
from .op import HardwareOp, Lanewise, divisors

__all__ = ["Combine"]


@dataclass(frozen=True, eq=False)
class Combine(Lanewise):
    """``start + sum(factors * parts)``; ``factors`` is (outputs, parts), ``start`` (outputs,)."""

    kind = "combine"

    factors: np.ndarray
    start: np.ndarray
    pe: int = 1
    each: int = 1

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        if x.shape[-2:] != self.factors.shape:
            raise ModelError(f"its factors are {self.factors.shape}, and its input is {x.shape}")
        factors = self.factors.astype(object)       # Python's integers, of any size
        lo = np.minimum(factors * x.integer.lo, factors * x.integer.hi).sum(1)
        hi = np.maximum(factors * x.integer.lo, factors * x.integer.hi).sum(1)
        return Tensor(x.shape[:-1], Int(int((lo + self.start).min()), int((hi + self.start).max())))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return (x * self.factors).sum(axis=-1) + self.start

    @property
    def parts(self) -> int:
        return self.factors.shape[1]

    @property
    def steps(self) -> int:
        """Cycles of a beat."""
        return -(-self.parts // self.each)

    @property
    def i_lanes(self) -> int:
        return self.pe * self.parts

    def widened(self, lanes: int, cycles: int, *xs: Tensor) -> "Lanewise":
        pe = next(n for n in divisors(len(self.factors)) if n * self.parts >= lanes)
        beats = xs[0].size // self.parts // pe
        return replace(self, pe=pe, each=min(-(-self.parts * beats // max(cycles, beats)),
                                             self.parts))

    def folds(self, *xs: Tensor) -> Sequence[Fold]:
        """Lists the folds (PE, parts in a cycle); among equal cycles, the
        fewest parts."""
        return [PeSimd(pe, each) for pe in divisors(len(self.factors))
                for each in range(1, self.parts + 1)
                if each == 1 or -(-self.parts // each) < -(-self.parts // (each - 1))]

    def folded(self, fold: Fold, family: str = "") -> "HardwareOp":
        assert isinstance(fold, PeSimd)
        return replace(self, pe=fold.pe, each=fold.simd)

    def unit(self, *xs: Tensor) -> Component:
        x, = xs
        return CombineUnit(self.factors, self.start, x=x.integer, y=self.infer(x).integer,
                           pe=self.pe, each=self.each)

    def interval(self, *xs: Tensor) -> int:
        return xs[0].size // self.parts // self.pe * self.steps

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        i, = ins
        whole = net.gate(i, self.i_lanes, self.factors) if self.steps == 1 else net.register(i)
        return net.pipeline(whole, 2, steps=self.steps)

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        return paced(arrivals, self.steps) + self.steps + 1 + (self.steps > 1)

"""Each channel times an integer of its own, exactly: the scale between two products."""

from dataclasses import dataclass

import numpy as np

from ..hw.requant import RequantUnit
from ..ir import Tensor
from ..num import Int, Rounding
from .op import Lanewise

__all__ = ["Gain"]


@dataclass(frozen=True, eq=False)
class Gain(Lanewise):
    """``factors * x``; ``factors`` is (channels,)."""

    kind = "gain"

    factors: np.ndarray
    pe: int = 1

    def infer(self, *xs):
        x, = xs
        return Tensor(x.shape, x.value * Int.of(self.factors))

    def evaluate(self, *xs):
        x, = xs
        return x * self.factors

    def unit(self, *xs):
        x, = xs
        return RequantUnit(self.factors, np.zeros_like(self.factors), 0, 0, Rounding.FLOOR,
                           x=x.integer, y=self.infer(x).integer, pe=self.pe)

    def schedule(self, arrivals, *xs):
        return arrivals + 1

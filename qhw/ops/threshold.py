"""Thresholds: the code of a channel is ``lo`` plus the number of thresholds that its integer
reaches."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..exact.num import Int
from ..graph import Tensor
from ..hw.units.threshold import ThresholdUnit
from .op import Lanewise

__all__ = ["Threshold"]


@dataclass(frozen=True, eq=False)
class Threshold(Lanewise):
    """``lo + #{t : x >= t}``, counted down from the highest code where ``flip`` is set.

    ``thresholds`` is (channels, levels - 1), rising; ``flip`` is (channels,). A code is worth
    ``scale * (code - zero)``.
    """

    kind = "threshold"

    thresholds: np.ndarray
    flip: np.ndarray
    lo: int = 0
    pe: int = 1
    scale: Fraction = Fraction(1)
    zero: Fraction = Fraction(0)

    @property
    def levels(self) -> int:
        return self.thresholds.shape[1] + 1

    @property
    def bits(self) -> int:
        """Bits of the code, which is also the number of levels of the binary search."""
        return (self.levels - 1).bit_length()

    def infer(self, *xs):
        x, = xs
        if x.channels != len(self.thresholds):
            raise ValueError(f"Thresholds are for {len(self.thresholds)} channels, "
                             f"and the input has {x.channels}")
        return Tensor(x.shape, Int(self.lo, self.lo + self.levels - 1), self.scale, self.zero)

    def evaluate(self, *xs):
        x, = xs
        count = np.zeros(x.shape, np.int64)
        for level in self.thresholds.T:
            count += x >= level
        return self.lo + np.where(self.flip, self.levels - 1 - count, count)

    def unit(self, *xs):
        x, = xs
        return ThresholdUnit(self.thresholds, self.flip, x=x.integer, lo=self.lo, pe=self.pe)

    def stream(self, net, ins, *xs):
        x, = xs
        middle = np.clip(self.thresholds[:, (1 << self.bits - 1) - 1], x.integer.lo,
                         x.integer.hi + 1)
        return net.pipeline(net.gate(ins[0], self.pe, middle, self.flip), self.bits - 1)

    def schedule(self, arrivals, *xs):
        return arrivals + self.bits - 1

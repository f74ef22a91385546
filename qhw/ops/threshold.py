"""Thresholds: the code of a channel is ``lo`` plus the number of thresholds that its integer
reaches."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from ..exact.held import holding, whole
from ..exact.num import Int
from ..exact.scaled import Steps, scaled
from ..graph import Tensor
from ..hw.units.threshold import ThresholdUnit, most_stages
from ..schedule import Channel, Net
from ..tools.hdl import Component
from .op import Lanewise
from .requantize import Requantize, requantize

__all__ = ["Threshold"]

MOST_COUNTED = 32
"""Levels whose thresholds are compared one by one."""


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
    stages: int = 0

    @property
    def levels(self) -> int:
        return self.thresholds.shape[1] + 1

    @property
    def bits(self) -> int:
        """Bits of the code, which is also the number of levels of the binary search."""
        return (self.levels - 1).bit_length()

    @property
    def most_stages(self) -> int:
        return most_stages(self.bits)

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        if x.channels != len(self.thresholds):
            raise ValueError(f"Thresholds are for {len(self.thresholds)} channels, "
                             f"and the input has {x.channels}")
        return Tensor(x.shape, Int(self.lo, self.lo + self.levels - 1), self.scale, self.zero)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        count = np.zeros(x.shape, np.int64)
        for level in self.thresholds.T:
            count += x >= level
        return self.lo + np.where(self.flip, self.levels - 1 - count, count)

    def prepared(self, *xs: Tensor) -> Callable[..., np.ndarray]:
        """Prepares to count the thresholds one by one; for many, as a multiplier, or by searching.
        """
        x, = xs
        if self.levels > MOST_COUNTED:
            found = _multiplied(self, x.value)
            return found.prepared(x) if found else self._searched
        ends = x.value
        kind = holding(max(ends.size, ends.hi + 1))
        levels = np.clip(self.thresholds, ends.lo, ends.hi + 1).T.astype(kind)
        codes = holding(self.infer(x).integer.size)
        sign = np.where(self.flip, -1, 1).astype(codes)
        lowest = (self.lo + np.where(self.flip, self.levels - 1, 0)).astype(codes)

        def counted(x: np.ndarray) -> np.ndarray:
            x = x.astype(kind, copy=False)
            count = np.zeros_like(x, np.uint8)
            for level in levels:
                count += (x >= level).view(np.uint8)
            found = count.astype(codes)
            if self.flip.any():
                found *= sign
            found += lowest
            return found

        return counted

    def _searched(self, x: np.ndarray) -> np.ndarray:
        """Finds integers of any type among the thresholds, channel by channel."""
        found = np.empty(x.shape, np.int64)
        for channel, levels in enumerate(self.thresholds):
            found[..., channel] = np.searchsorted(levels, whole(x[..., channel]), "right")
        return self.lo + np.where(self.flip, self.levels - 1 - found, found)

    def unit(self, *xs: Tensor) -> Component:
        x, = xs
        return ThresholdUnit(self.thresholds, self.flip, x=x.integer, lo=self.lo, pe=self.pe,
                             stages=self.stages)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        x, = xs
        middle = np.clip(self.thresholds[:, (1 << self.bits - 1) - 1], x.integer.lo,
                         x.integer.hi + 1)
        skid = self.stages > 0
        codes = net.pipeline(net.gate(ins[0], self.pe, middle, self.flip),
                             self.bits - 1 + self.stages - skid)
        return net.queue(codes, 2) if skid else codes

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        return arrivals + self.bits - 1 + self.stages


@lru_cache(maxsize=1024)
def _multiplied(op: Threshold, x: Int) -> Requantize | None:
    """The thresholds as a multiplier and a shift, for the integers in ``x``; None if there are
    none."""
    low, high = (np.full(len(op.flip), end) for end in (x.lo, x.hi))
    steps = Steps.of(op.thresholds, op.flip, low, high, op.lo)
    found = scaled(steps) if steps.first.size else None
    return found and requantize(found, Tensor((len(op.flip),), x), steps.interval, 0, op.scale)

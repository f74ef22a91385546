"""Intervals from the numbers' order alone: all of them, or all but the rarest.

Krishnamoorthi, "Quantizing Deep Convolutional Networks for Efficient Inference", 2018 (arXiv
1806.08342), section 3.1.1, takes the range; McKinstry et al., "Discovering Low-Precision Networks
Close to Full-Precision Networks", 2018 (arXiv 1809.04191), section 3, a percentile."""

from dataclasses import dataclass

import numpy as np

from .histogram import Histogram
from .method import Family, Method

__all__ = ["MinMax", "Percentile"]


@dataclass(frozen=True)
class MinMax(Method):
    """From the smallest number to the largest."""

    name = "minmax"
    citation = "Krishnamoorthi, Quantizing Deep Convolutional Networks, 2018, arXiv 1806.08342"
    about = "from the smallest number to the largest"

    def interval(self, seen: Histogram, family: Family) -> tuple[float, float]:
        return seen.lo, seen.hi


@dataclass(frozen=True)
class Percentile(Method):
    """Without the rarest: ``percent`` of the numbers are at most the highest, and as many at least
    the lowest."""

    name = "percentile"
    citation = "McKinstry et al., Discovering Low-Precision Networks, 2018, arXiv 1809.04191"
    about = "without the rarest numbers"

    percent: float = 99.9

    def __post_init__(self):
        if not 50 <= self.percent <= 100:
            raise ValueError(f"The percentage should be from 50 to 100, not {self.percent:g}")

    def interval(self, seen: Histogram, family: Family) -> tuple[float, float]:
        below = np.cumsum(seen.counts)

        def at(percent: float) -> float:
            wanted: float = percent / 100 * seen.count * (1 - 1e-12)
            return float(seen.values[below.searchsorted(wanted)])

        return max(seen.lo, at(100 - self.percent)), min(seen.hi, at(self.percent))

"""A scale and an offset for each channel: what is left of a layer's scales on the host."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .real import Straight

__all__ = ["Affine"]


@dataclass(frozen=True)
class Affine(Straight):
    """``slope * x + offset``; one of each a channel."""

    kind = "affine"

    slope: tuple[Fraction, ...]
    offset: tuple[Fraction, ...]

    def evaluate(self, *xs):
        x, = xs
        return np.array(self.slope, np.float64) * x + np.array(self.offset, np.float64)

    def line(self, channel):
        return self.slope[channel], self.offset[channel]

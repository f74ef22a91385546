"""A scale and an offset for each channel: the part of a layer's scales left for the host."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .real import Straight

__all__ = ["Affine"]

LOST = 16
"""Of float64's 53 bits."""


@dataclass(frozen=True)
class Affine(Straight):
    """``slope * x + offset``, with one slope and one offset for each channel."""

    kind = "affine"

    slope: tuple[Fraction, ...]
    offset: tuple[Fraction, ...]

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        """Computes in float64; in rationals if the addition of the offset would lose low bits."""
        x, = xs
        offset = np.array(self.offset, np.float64)
        found = np.array(self.slope, np.float64) * x + offset
        lost = np.abs(found) < np.abs(offset) * 2.0**-LOST
        if not lost.any():
            return found
        channels: int = x.shape[-1]
        for channel in np.unique(np.nonzero(lost)[-1]).tolist():
            here = lost & (np.arange(channels) == channel)
            values, places = np.unique(x[here], return_inverse=True)
            a, b = self.line(channel)
            found[here] = np.array([float(a * Fraction(v) + b) for v in values.tolist()])[places]
        return found

    def line(self, channel: int) -> tuple[Fraction, Fraction]:
        return self.slope[channel], self.offset[channel]

"""A histogram of real numbers that come in batches, of any range."""

from math import frexp, inf

import numpy as np

__all__ = ["BINS", "Histogram"]

BINS = 1 << 12
"""Bins on each side of zero."""


class Histogram:
    """Counts of real numbers in bins whose width is a power of two; zeros are counted apart.

    When a number exceeds the bins, pairs of them are merged, so the counts do not depend on the
    order of the numbers."""

    def __init__(self):
        self.lo, self.hi = inf, -inf
        self.squares, self._zeros = 0.0, 0
        self._bins = np.zeros((2, 2 * BINS))    # counts and sums
        self._exponent: int | None = None       # the bins' width is 2**exponent; None without bins

    def see(self, x: np.ndarray) -> None:
        """Counts the numbers ``x`` of any shape; ValueError if one is not finite."""
        x = np.asarray(x, np.float64).ravel()
        if not x.size:
            return
        if not np.isfinite(x).all():
            raise ValueError("A sample is a NaN or an infinity")
        self.lo, self.hi = min(self.lo, float(x.min())), max(self.hi, float(x.max()))
        self.squares += float(np.square(x).sum())
        self._widen(frexp(max(-self.lo, self.hi))[1] - BINS.bit_length() + 1)
        self._zeros += int((x == 0).sum())
        x = x[x != 0]
        places = np.floor(np.ldexp(x, -(self._exponent or 0))).astype(np.int64) + BINS
        self._bins[0] += np.bincount(places, minlength=2 * BINS)
        self._bins[1] += np.bincount(places, x, minlength=2 * BINS)

    def _widen(self, exponent: int) -> None:
        """Merges bins until their width is 2**``exponent``."""
        if self.lo == self.hi == 0:
            return
        merges = exponent - (exponent if self._exponent is None else self._exponent)
        for _ in range(min(merges, 2 * BINS.bit_length())):
            half = self._bins.reshape(2, BINS, 2).sum(2)
            self._bins[:] = 0
            self._bins[:, BINS // 2:BINS // 2 + BINS] = half
        self._exponent = exponent

    @property
    def count(self) -> int:
        """Numbers seen."""
        return int(self._bins[0].sum()) + self._zeros

    @property
    def values(self) -> np.ndarray:
        """Zero and the mean of each bin with numbers, in rising order."""
        return self._listed[0]

    @property
    def counts(self) -> np.ndarray:
        """The count of each of ``values``, float64."""
        return self._listed[1]

    @property
    def _listed(self) -> tuple[np.ndarray, np.ndarray]:
        some = self._bins[0] > 0
        counts, sums = self._bins[:, some]
        place, zeros = [some[:BINS].sum()] * bool(self._zeros), [self._zeros] * bool(self._zeros)
        return np.insert(sums / counts, place, zeros and [0]), np.insert(counts, place, zeros)

    @property
    def mean(self) -> float:
        """The mean of the numbers."""
        return float(self._bins[1].sum() / max(self.count, 1))

    @property
    def mean_square(self) -> float:
        """The mean of the numbers' squares."""
        return self.squares / max(self.count, 1)

    @property
    def magnitudes(self) -> tuple[np.ndarray, float]:
        """Counts of the magnitudes in bins from 0 (BINS,), and the bins' width."""
        counts = self._bins[0, BINS:] + self._bins[0, BINS - 1::-1]
        counts[0] += self._zeros
        return counts, 2.0 ** (self._exponent or 0)

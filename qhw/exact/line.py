"""Step functions of integers by one product and one sum of floats, proven for every integer.

Products and sums of floats round, but they are monotone: ``floor(x * slope + offset)`` is a step
function too. Two monotone step functions are equal on an interval if they are equal at its ends and
on both sides of each step of one of them. So a few thousand integers prove all."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from .held import HOLDS
from .num import Int

__all__ = ["Both", "Line", "Lines", "Mixed", "line"]

MOST_STEPS = 1 << 21
"""Steps of all channels, up to which a proof is tried."""
MOST_NARROWED = 1 << 20
"""Integers on both sides of the steps of all channels, up to which float32 is tried: 8 bits in 2048
channels or 16 bits in 8. For more it takes seconds, and seldom succeeds."""
ROUNDS = 8
"""By how many integers a step may lie beside its place in float64."""
MOST_WIDE = 4
"""The share of channels, 1 in 4, that may stay in float64 where the others are in float32."""
HALF = {kind: most // 2 for kind, most in HOLDS.items()}
"""The largest magnitude of codes in a type, so that it holds the sum of two as well."""
SLOPES, OFFSETS = range(-4, 5), range(-1, 2)
"""By how many of float32's own steps slopes and offsets are varied."""


@dataclass(frozen=True, eq=False)
class Line:
    """``clip(floor(x * slope + offset))``; slope and offset are (channels,) of the type in which
    the line is computed, ``codes`` is the interval of the results."""

    slope: np.ndarray
    offset: np.ndarray
    codes: Int

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Computes the codes of integers (..., channels) of any type, as floats."""
        y = np.multiply(x, self.slope, dtype=self.slope.dtype)
        y += self.offset
        np.floor(y, out=y)
        if self.codes.size <= HALF[np.float32]:
            y = y.astype(np.float32, copy=False)
        return np.clip(y, self.codes.lo, self.codes.hi, out=y)

    def decisive(self, x: Int) -> np.ndarray | None:
        """Finds the integers of ``x`` at its ends and on both sides of each step, (integers,
        channels); None if the steps are not found."""
        codes = np.arange(self.codes.lo + 1, self.codes.hi + 1)[:, None]
        sign = np.where(self.slope < 0, -1, 1)      # falling channels rise with negated integers
        low, high = np.sort(np.stack([sign * x.lo, sign * x.hi]), axis=0)
        steep = np.abs(self.slope)
        place = np.divide(codes - self.offset, steep, where=steep > 0,
                          out=np.where(codes <= self.offset, -np.inf, np.inf))
        step = np.ceil(np.clip(place, low, high + 1)).astype(np.int64)
        for _ in range(ROUNDS):
            early = (step <= high) & (self(sign * step) < codes)
            late = (step > low) & (self(sign * (step - 1)) >= codes)
            if not (early | late).any():
                every = np.concatenate([np.stack([low, high]), step, step - 1])
                return sign * np.clip(every, low, high)
            step += early.astype(np.int64) - late
        return None

    def narrowed(self, x: np.ndarray, wanted: np.ndarray) -> "Line | Mixed":
        """Computes channels in float32 for which a line near this one is found with the codes
        ``wanted`` at the integers ``x``, both (integers, channels)."""
        slope, offset = self.slope.astype(np.float32), self.offset.astype(np.float32)
        left = np.arange(len(slope))
        for a, b in product(sorted(SLOPES, key=abs), sorted(OFFSETS, key=abs)):
            near = slope[left] + a * np.spacing(slope[left])
            rest, codes = wanted[:, left] - near.astype(np.float64) * x[:, left], wanted[:, left]
            about = self.offset[left]
            least = np.where(codes > self.codes.lo, rest, about - 1).max(axis=0)
            most = np.where(codes < self.codes.hi, rest + 1, about + 1).min(axis=0)
            shift = ((least + most) / 2).astype(np.float32)
            shift += b * np.spacing(shift)
            right = (Line(near, shift, self.codes)(x[:, left]) == codes).all(axis=0)
            slope[left[right]], offset[left[right]] = near[right], shift[right]
            left = left[~right]
            if not left.size:
                break
        if left.size > len(slope) // MOST_WIDE:
            return self
        narrow = Line(slope, offset, self.codes)
        wide = Line(self.slope[left], self.offset[left], self.codes)
        return Mixed(narrow, wide, left) if left.size else narrow


@dataclass(frozen=True, eq=False)
class Mixed:
    """A line that is ``narrow`` in all channels but ``channels`` (indices), where it is ``wide``.
    """

    narrow: Line
    wide: Line
    channels: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Computes the codes of integers (..., channels) of any type, as floats."""
        found = self.narrow(x)
        found[..., self.channels] = self.wide(x[..., self.channels])
        return found


@dataclass(frozen=True, eq=False)
class Both:
    """A line whose codes are at least ``middle``, and another one for the codes below."""

    above: Line | Mixed
    below: Line | Mixed
    middle: int

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Computes the codes of integers (..., channels) of any type, as floats."""
        found = self.above(x)
        found += self.below(x)
        if self.middle:
            found -= self.middle
        return found


Lines = Line | Mixed | Both
"""Functions whose codes are clipped to their interval."""


def line(exact: Callable[[np.ndarray], np.ndarray], x: Int, slope: np.ndarray, offset: np.ndarray,
         codes: Int) -> Line | Mixed | None:
    """Finds a line that is ``exact`` on all integers in ``x``, in float32 where possible; None if
    the line given is not.

    Parameters
    ----------
    exact : monotone step functions, from int64 (n, channels) to codes
    x : the integers that can occur
    slope, offset : a line, float64 (channels,)
    codes : interval of the codes"""
    found = Line(slope, offset, codes)
    many = (codes.hi - codes.lo) * len(slope) > MOST_STEPS
    held = x.size <= HOLDS[np.float64] and codes.size <= HALF[np.float64]
    if many or not held or (integers := found.decisive(x)) is None:
        return None
    wanted = exact(integers)
    if not np.array_equal(found(integers), wanted):
        return None
    held = x.size <= HOLDS[np.float32] and codes.size <= HALF[np.float32]
    few = integers.size <= MOST_NARROWED
    return found.narrowed(integers, wanted) if held and few else found

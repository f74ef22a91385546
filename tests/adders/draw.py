"""Matrices at random, and inputs at the ends of their intervals."""

import numpy as np

from qhw.exact.num import Int


def draw(seed, rows, columns, most, intervals=None):
    """A matrix with zeros among its weights, and intervals of several kinds."""
    rng = np.random.default_rng(seed)
    matrix = rng.integers(-most, most + 1, (rows, columns)) * (rng.random((rows, columns)) < 0.8)
    ends = np.sort(rng.integers(-9, 10, (columns, 2)), axis=1)
    return matrix, intervals or [Int(int(lo), int(hi)) for lo, hi in ends]


def corners(intervals, seed=0):
    """The lowest and the highest of all inputs, mixtures of them, and what lies between."""
    rng = np.random.default_rng(seed)
    lo = np.array([x.lo for x in intervals], object)
    hi = np.array([x.hi for x in intervals], object)
    ends = np.where(rng.random((60, len(lo))) < 0.5, lo, hi)
    inner = np.array([[int(a + (b - a) * u) for a, b, u in zip(lo, hi, row, strict=True)]
                      for row in rng.random((60, len(lo)))], object)
    return np.concatenate([[lo], [hi], ends, inner])

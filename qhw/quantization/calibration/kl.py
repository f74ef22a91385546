"""The interval whose codes lose the least information: TensorRT's method.

Migacz, "8-bit Inference with TensorRT", GPU Technology Conference 2017, pages 19 to 30: the
interval with the least Kullback-Leibler divergence between the histogram, whose last bin counts the
clipped numbers too, and the distribution of the codes. The lowest bin, with a relu's zeros, counts
as much as the next one, as in NVIDIA's pytorch-quantization (calib/histogram.py)."""

from dataclasses import dataclass

import numpy as np

from .histogram import Histogram
from .method import Family, Method

__all__ = ["Kl", "best_end", "divergence", "merged"]

MOST_BINS = 2048
"""Bins of the magnitudes, as in TensorRT."""


@dataclass(frozen=True)
class Kl(Method):
    """The magnitude at which the divergence is least, for both signs."""

    name = "kl"
    citation = "Migacz, 8-bit Inference with TensorRT, GTC 2017"
    about = "the least Kullback-Leibler divergence of a histogram"

    def interval(self, seen: Histogram, family: Family) -> tuple[float, float]:
        if not family.uniform:
            raise ValueError("kl is for even steps; use mse")
        counts, width = seen.magnitudes
        counts = counts[:np.flatnonzero(counts)[-1] + 1]
        merge = -(-len(counts) // MOST_BINS)
        counts = np.pad(counts, (0, -len(counts) % merge)).reshape(-1, merge).sum(1)
        counts[:1] = counts[1:2]
        best = best_end(counts, family.top + 1)
        hi = (best + 0.5) * width * merge if best < len(counts) else max(seen.hi, -seen.lo)
        return max(seen.lo, -hi), min(seen.hi, hi)


def best_end(counts: np.ndarray, levels: int) -> int:
    """Finds the number of bins, of counts (bins,), with the least divergence from ``levels``
    codes."""
    ends = range(min(levels, len(counts)), len(counts) + 1)
    return min(ends, key=lambda end: _loss(counts, end, levels))


def _loss(counts: np.ndarray, end: int, levels: int) -> float:
    """The divergence with ``end`` bins, and all others in the last of them."""
    inside = counts[:end]
    reference = inside.copy()
    reference[-1] += counts[end:].sum()
    return divergence(reference, merged(inside, levels, reference > 0))


def merged(counts: np.ndarray, levels: int, kept: np.ndarray) -> np.ndarray:
    """Merges bins into ``levels`` equal parts, and spreads each part evenly over its bins in
    ``kept``.

    Returns counts (bins,).

    Parameters
    ----------
    counts : counts (bins,)
    levels : number of parts, at most the bins
    kept : bins that are not empty (bins,)
    """
    part = np.arange(len(counts)) * levels // len(counts)
    sums = np.bincount(part, counts, levels)
    bins = np.bincount(part, kept, levels)
    return np.where(kept, (sums / np.maximum(bins, 1))[part], 0)


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    """Computes the Kullback-Leibler divergence of two counts (bins,) in nats; infinite where ``q``
    is 0 and ``p`` is not."""
    p, q = p / p.sum(), q / max(q.sum(), 1e-300)
    some = p > 0
    if (q[some] <= 0).any():
        return float("inf")
    return float((p[some] * np.log(p[some] / q[some])).sum())

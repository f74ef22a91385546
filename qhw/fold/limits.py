"""Limits of what hardware costs, and the sums that tell early that a path will exceed them."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

__all__ = ["Limits"]

FINE = 4
"""Steps from one kind alone to another alone, in the sums of several kinds."""
CLOSE = 1e-9
"""Relative difference of numbers that count as equal."""


@dataclass(frozen=True)
class Limits:
    """Limits of a path's cost by kind (``most``), and the weight of a unit of each kind
    (``weights``), (kinds,)."""

    most: np.ndarray
    weights: np.ndarray

    def hardware(self, cost: np.ndarray) -> np.ndarray:
        """Computes how much hardware costs (..., kinds) are: the root of the sum of the squares of
        the weighted kinds, (...), so that a kind counts by how much of it is used."""
        return np.sqrt(np.square(cost * self.weights).sum(-1))

    def hold(self, cost: np.ndarray) -> bool:
        """Tells whether a cost (kinds,) is within the limits."""
        return bool((cost <= self.most + CLOSE).all())

    @cached_property
    def counted(self) -> np.ndarray:
        """The kinds that have a limit or a weight, bool (kinds,)."""
        return np.isfinite(self.most) | (self.weights > 0)

    @cached_property
    def sums(self) -> np.ndarray:
        """Factors (kinds, any) of sums of costs for bounds: each kind by itself, and several
        in shares of their limits, or of their weights."""
        found = [np.eye(len(self.most))]
        for each in (np.where(np.isfinite(self.most), 1 / np.maximum(self.most, 1), 0),
                     self.weights):
            there = np.flatnonzero(each > 0)
            parts = [p for p in product(range(FINE + 1), repeat=len(there)) if sum(p) == FINE]
            found.append(np.zeros((len(self.most), len(parts))))
            found[-1][there] = each[there, None] * np.array(parts, float).reshape(
                len(parts), len(there)).T
        return np.concatenate(found, axis=1)

    def reach(self, hardware: float = np.inf) -> np.ndarray:
        """Computes the most that each of ``sums`` is for a cost within the limits, and of at
        most ``hardware``, (any,).

        A kind is at most its limit. By the inequality of Cauchy and Schwarz, several kinds are at
        most ``hardware`` times the root of the sum of squares of their factors by weights. Each
        kind of a sum is bounded one way or the other, whichever gives the least."""
        least = np.full(self.sums.shape[1], np.inf)
        for limited in product((False, True), repeat=len(self.most)):
            by = np.array(limited)[:, None]
            with np.errstate(divide="ignore", invalid="ignore"):
                own = np.where(by & (self.sums > 0), self.sums * self.most[:, None], 0).sum(0)
                each = np.where(~by & (self.sums > 0), self.sums / self.weights[:, None], 0)
            root = np.sqrt(np.square(each).sum(0))
            least = np.minimum(least, own + root * hardware if hardware < np.inf
                               else np.where(root > 0, np.inf, own))
        return least + CLOSE * np.maximum(1, np.where(np.isfinite(least), least, 0))

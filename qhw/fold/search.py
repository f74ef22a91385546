"""The cheapest path through steps of choices under several limits: exact, or with a bound.

The cheapest path within limits is a knapsack in several dimensions. A label is a way to a state and
its cost. A state keeps the labels that no other one equals or betters in every kind, except labels
that with the least that follows must exceed a limit, or need as much hardware as a path that is
known. Such a path is found first among few labels of each state, those that leave the most room;
then more are kept, until none that could be better was left out.

HiGHS (``scipy.optimize.milp``) finds the same optimum. It took 0.3 to 1.3 times the processor time
of a search that keeps every label on nine networks, 2.1 times on digits-ternary and 3.7 times on a
residual network of 3628 edges."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .limits import Limits
from .trellis import Path, Trellis

__all__ = ["Answer", "Search", "pareto"]

LABELS = (30, 1000, 20_000)
"""Labels of a state that are kept, in turn; where more are needed, the answer is no longer exact.
"""
AT_ONCE = 1 << 17
"""Labels that are made at a time."""
EQUAL = 1e-8
"""Relative difference of hardware that does not count."""


class Answer(NamedTuple):
    """The path that was found, a lower bound of the cycles of any path, and whether the search was
    exhaustive."""

    path: Path
    bound: int
    """Least cycles of any path within the limits."""
    exact: bool


class Search:
    """Searches a trellis for paths within limits; costs that become known stay in the trellis."""

    def __init__(self, trellis: Trellis, limits: Limits):
        self.trellis, self.limits = trellis, limits

    def possible(self, cycles: int) -> bool:
        """Returns False if the bounds prove that no path within the limits takes at most ``cycles``
        cycles."""
        least = self.trellis.ahead(cycles, self.limits.sums)[0][0]
        return bool(np.isfinite(least).all() and (least <= self.limits.reach()).all())

    def cheapest(self, cycles: int) -> Path | None:
        """Finds the path of least hardware within the limits that takes at most ``cycles`` cycles.

        Returns None if there is none, and a path without choices if none was found."""
        known, path = None, None
        for labels in (LABELS[:1], LABELS):     # few labels find most of the costs to settle
            while (path := self._cheapest(cycles, known, labels)) and self.trellis.settle(path):
                path = self.trellis.along(path.edges, exact=path.exact)
                if self.limits.hold(path.cost) and (known is None or self._less(path, known)):
                    known = path
        return path

    def some(self, cycles: int) -> bool:
        """Tells whether a path within the limits was found that takes at most ``cycles`` cycles, as
        far as costs are known."""
        path = self._cheapest(cycles, any_=True)
        return path is not None and bool(path.choices)

    def fastest(self) -> Answer | None:
        """Finds the path of fewest cycles within the limits, and among equals that of least
        hardware; None if there is no path within the limits."""
        paces = self.trellis.paces
        impossible = bisect_left(paces, True, key=self.possible)
        place = impossible

        def found(cycles: int) -> bool:
            nonlocal impossible
            path = self._cheapest(cycles, any_=True)
            if path is None:
                impossible = max(impossible, bisect_left(paces, cycles) + 1)
            return path is not None and bool(path.choices)

        # Costs only rise as they become known, so impossible paces stay impossible.
        while (place := bisect_left(paces, True, lo=place, key=found)) < len(paces):
            path = self.cheapest(paces[place])
            if path and path.choices:
                sure = place == impossible
                return Answer(path, path.cycles if sure else paces[impossible], sure and path.exact)
            if path is None:
                impossible = place + 1
            place += 1
        return None

    def _less(self, path: Path, than: Path) -> bool:
        return bool(self.limits.hardware(path.cost) < self.limits.hardware(than.cost))

    def _cheapest(self, cycles: int, known: Path | None = None,
                  labels: tuple[int, ...] = LABELS, *, any_: bool = False) -> Path | None:
        """The same as far as costs are known, with these ``labels`` of a state in turn: ``known``,
        which is within the limits, or a path of less hardware; with ``any_`` the first that is
        found."""
        ahead, exact = self.trellis.ahead(cycles, self.limits.sums), False
        for most in labels:
            path, exact = self._found(cycles, ahead, known, most)
            if path and (known is None or self._less(path, known)):
                known = path
            if exact or any_ and known:
                break
        if known:
            return known._replace(exact=exact)
        return None if exact else Path([], cycles, np.array([]), False)

    def _found(self, cycles: int, ahead: list[np.ndarray], known: Path | None, most: int
               ) -> tuple[Path | None, bool]:
        """Finds the best path that has less hardware than ``known``, among ``most`` labels a state;
        returns it, and whether no label was left out.

        ``ahead`` is the least of the limits' sums from each state on."""
        reach = self.limits.reach((1 - EQUAL) * float(self.limits.hardware(known.cost))
                                  if known else np.inf)
        cost, state, exact = np.zeros((1, self.trellis.kinds)), np.zeros(1, int), True
        history: list[tuple[np.ndarray, np.ndarray]] = []
        for step, follows in zip(self.trellis.steps, ahead[1:], strict=True):
            fast = np.flatnonzero((step.cycles <= cycles) & np.isfinite(follows[step.to, 0]))
            parts: list[tuple[np.ndarray, ...]] = [(np.zeros(0, int),) * 2 + (np.zeros(0),)]
            for label, edge in _pairs(state, step.source[fast]):
                edge = fast[edge]
                sums = (cost[label] + step.cost[edge]) @ self.limits.sums + follows[step.to[edge]]
                fits = np.flatnonzero((sums <= reach).all(axis=1))
                parts.append((label[fits], edge[fits], self._rank(sums[fits], reach)))
            label, edge, rank = [np.concatenate(found) for found in zip(*parts, strict=True)]
            costs = cost[label] + step.cost[edge]
            kept, whole = self._kept(costs, step.to[edge], rank, most)
            exact &= whole
            history.append((edge[kept], label[kept]))
            cost, state = costs[kept], step.to[edge[kept]]
        if not len(cost):
            return None, exact
        best, taken = int(self.limits.hardware(cost).argmin()), list[int]()
        for edge, label in reversed(history):
            taken.append(int(edge[best]))
            best = int(label[best])
        return self.trellis.along(taken[::-1], exact=exact), exact

    def _rank(self, sums: np.ndarray, reach: np.ndarray) -> np.ndarray:
        """Computes how full the fullest sum will be, (labels,), or the hardware if nothing is
        limited."""
        limited = np.isfinite(reach)
        if not limited.any():
            return self.limits.hardware(sums[:, :self.trellis.kinds])
        return (sums[:, limited] / np.maximum(reach[limited], EQUAL)).max(axis=1)

    def _kept(self, costs: np.ndarray, to: np.ndarray, rank: np.ndarray, most: int
              ) -> tuple[np.ndarray, bool]:
        """Selects the labels that no other one to the same state betters, at most ``most`` a state,
        of least ``rank``; returns them, and whether these are all."""
        order = np.argsort(to, kind="stable")
        ends = np.flatnonzero(np.diff(to[order])) + 1
        found, whole = [np.zeros(0, int)], True
        for group in np.split(order, ends):
            best = group[pareto(costs[group][:, self.limits.counted])] if len(group) > 1 else group
            if len(best) > most:
                best, whole = best[np.argsort(rank[best], kind="stable")[:most]], False
            found.append(best)
        return np.concatenate(found), whole


def _pairs(states: np.ndarray, sources: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields the pairs of a label in a state and an edge from it, by their numbers, many at a time.

    ``sources`` are the states that the edges leave, in rising order."""
    first = np.searchsorted(sources, states)
    counts = np.searchsorted(sources, states, side="right") - first
    after = np.cumsum(counts)
    begin = 0
    while begin < len(states):
        done = int(after[begin - 1]) if begin else 0
        end = max(int(np.searchsorted(after, done + AT_ONCE, side="right")), begin + 1)
        label = np.repeat(np.arange(begin, end), counts[begin:end])
        place = np.arange(len(label)) - (after[label] - counts[label] - done)
        yield label, first[label] + place
        begin = end


def pareto(values: np.ndarray) -> np.ndarray:
    """Selects the rows that no other row equals or betters in every column.

    It keeps the first of several equal rows. Rows of more than 3 columns are taken in the order of
    the column with the fewest distinct numbers, so that earlier rows stay."""
    if values.shape[1] > 3:
        column = min(range(values.shape[1]), key=lambda k: len(np.unique(values[:, k])))
        rest, kept = np.delete(values, column, axis=1), np.zeros(0, int)
        for value in np.unique(values[:, column]):
            new = np.flatnonzero(values[:, column] == value)
            both = np.concatenate([kept, new])
            best = pareto(rest[both])
            kept = np.concatenate([kept, both[best[best >= len(kept)]]])
        return np.sort(kept)
    distinct = [np.unique(column, return_inverse=True) for column in values.T]
    first, *others = sorted(range(values.shape[1]), key=lambda k: -len(distinct[k][0]))
    places = [distinct[k][1] for k in others] + [np.zeros(len(values), int)] * (2 - len(others))
    grid = np.full([p.max() + 1 for p in places], np.inf)
    at = (places[0], places[1])
    np.minimum.at(grid, at, values[:, first])
    best = np.minimum.accumulate(np.minimum.accumulate(grid, axis=0), axis=1)
    below = np.full(grid.shape, np.inf)
    below[1:] = best[:-1]
    below[:, 1:] = np.minimum(below[:, 1:], best[:, :-1])
    kept = np.flatnonzero((values[:, first] == grid[at]) & (values[:, first] < below[at]))
    _, once = np.unique(np.column_stack(at)[kept], axis=0, return_index=True)
    return kept[np.sort(once)]

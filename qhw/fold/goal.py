"""Folds to a goal: a rate with the least hardware, or the fastest fold that fits.

The estimate decides what fits. The LUT budget has a margin for the estimate's error; block RAMs and
DSP blocks are counted exactly. On a board, a reserve for the host link is subtracted."""

from bisect import bisect_left
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from math import isfinite

import numpy as np

from ..design.cycles import predict
from ..errors import ModelError
from ..estimator import estimate
from ..graph import AnyFolds, Folds, Graph, Spatial, as_folds
from ..link.link import Link, LinkTop
from ..lower.fold import fold
from ..targets import Target, targets
from ..targets.boards import Board, boards
from ..targets.cost import SITES, Cost
from ..targets.timing import adders_within
from .choices import Choices
from .clock import staged
from .limits import Limits
from .record import Goal, Reached
from .search import Answer, Search
from .trellis import KINDS, Path, Trellis

__all__ = ["MARGIN", "Goal", "Reached", "reach", "weights"]

MARGIN = 0.15
"""Margin of LUTs for the estimate's error: about the 95th percentile in docs/how/estimates.md."""
ASKED = "asked for"
ROUNDS = 8


def reach(graph: Graph, goal: Goal, target: Target, board: Board | None = None,
          folds: AnyFolds | None = None) -> tuple[Graph, Reached]:
    """Folds a lowered graph to a goal; returns it and the record of the search.

    Where block RAM alone is lacking, memories that fill little of it go into LUTs: first the
    memories that cost the fewest LUTs for a block RAM. ModelError if there is no such fold; it
    names the limit and the nearest fold.

    Parameters
    ----------
    graph : the lowered graph
    goal : rate and limits
    target : the chip
    board : the board, or None
    folds : folds by layer that stay; those in the model stay too
    """
    search = _Search(graph, goal, target, board, as_folds(folds))
    try:
        return search.result()
    except ModelError:
        for worth in search.worths:
            with suppress(ModelError):
                return _Search(replace(graph, worth=worth), goal, target, board,
                               as_folds(folds)).result()
        raise


def weights(target: Target) -> np.ndarray:
    """The weight of one unit of each kind of hardware, (kinds,): its share of the chip.

    If the chip has no size, its share of a chip of the same family; otherwise LUTs alone count."""
    alike = [b.chip for b in boards() if b.chip.family == target.family]
    for chip in (target, *alike):
        if chip.luts:
            return np.array([1 / getattr(chip, k) if getattr(chip, k) else 0 for k in KINDS])
    return np.array([1.0, 0, 0])


class _Search:
    """One goal for one network on one chip."""

    def __init__(self, graph: Graph, goal: Goal, target: Target, board: Board | None, fixed: Folds):
        self.graph, self.goal, self.board = graph, goal, board
        self.target = target.giving(graph.worth)
        self.clock = goal.clock_mhz or (board.clock_mhz if board else None)
        self.reserve = board.reserve if board else Cost()
        self.fixed = fixed
        self._folded(fixed)     # refuses wrong ones
        self.most = self._limits(self.reserve)
        if not self.cycles and not np.isfinite(self.most).any():
            raise ModelError(f"{graph.name}: {target.name} has no size to fit; give a rate "
                             f"or limits")

    @cached_property
    def cycles(self) -> int | None:
        """The largest allowed interval in cycles, from both goals."""
        asked = [self.goal.cycles] if self.goal.cycles else []
        if self.goal.fps:
            if not self.clock:
                raise ModelError(f"{self.graph.name}: --fps needs a clock: add --clock MHZ or "
                                 f"--board")
            each = Fraction(str(self.clock)) * 1_000_000 / Fraction(str(self.goal.fps))
            if each < 1:
                raise ModelError(f"{self.graph.name}: {self.goal.fps:.10g} inferences/s exceed "
                                 f"one inference a cycle at {self.clock:g} MHz")
            asked.append(int(each))
        return min(asked, default=None)

    def _has(self, kind: str, reserve: Cost) -> list[tuple[int, str]]:
        """Lists the limits of a kind and their owners."""
        asked, has = getattr(self.goal, kind), getattr(self.target, kind)
        return ([(asked, ASKED)] if asked is not None else []) + (
            [(has - getattr(reserve, kind), f"of {self.target.name}")] if has else [])

    def _limits(self, reserve: Cost) -> np.ndarray:
        """Computes the most that the estimate may reach, (kinds,)."""
        most = [min((n for n, _ in self._has(kind, reserve)), default=np.inf) for kind in KINDS]
        return np.maximum([np.floor(n / (1 + MARGIN)) if kind == "luts" else n
                           for kind, n in zip(KINDS, most, strict=True)], 0)

    def _reserved(self, graph: Graph) -> Cost:
        """Returns the reserve, with the block RAM that the link of a folded graph takes for long
        samples."""
        if not self.board:
            return self.reserve
        link = LinkTop(graph, Link(round(1e6 * self.board.clock_mhz)), self.target)
        return replace(self.reserve, brams=max(self.reserve.brams, link.blocks))

    @cached_property
    def weights(self) -> np.ndarray:
        """The weight of one unit of each kind."""
        return weights(self.target)

    @cached_property
    def choices(self) -> Choices:
        clock = self.goal.clock_mhz
        logic = None if self.goal.spatial is False else Spatial(
            adders_within(clock, self.target.delays)) if clock else Spatial()
        return Choices(self.graph, self.target, self.fixed, float(self.most[0]), logic)

    @cached_property
    def ways(self) -> Trellis:
        """Every fold there is."""
        return self.choices.trellis()

    # -- the search

    def result(self) -> tuple[Graph, Reached]:
        """Searches; repeats with less room for queues and the link's memories, whose depths are
        known only at the end, and for faster folds if branches wait for each other."""
        room, pace = self.most, self.cycles
        bound: dict[str, float] = {}
        for _ in range(ROUNDS):
            path, least = self._found(room, pace)
            bound = bound or least
            folds = dict(filter(None, path.choices))
            folded = self._folded(folds)
            total = self._total(folded)
            most = self._limits(self._reserved(folded))
            fits = bool((total <= most).all())
            late = self.cycles is not None and self._late(folded, self.cycles)
            if fits and not late:
                folds, folded, total = self._staged(folds, folded, total)
                return folded, self._known(folds, folded, total, bound)
            if late:
                pace = path.cycles - 1
            room = room if fits else np.minimum(room, most) - np.maximum(total - path.cost, 0)
        raise ModelError(f"{self.graph.name}: no fold was found whose queues between branches fit "
                         f"too, and whose branches keep up")

    def _found(self, room: np.ndarray, pace: int | None) -> tuple[Path, dict[str, float]]:
        """Finds the best path, and a lower bound for any path within this room."""
        limits = Limits(np.maximum(room, 0), self.weights)
        if pace is None:
            if (answer := self._fastest(limits)) is None:
                raise self._nothing()
            return answer.path, {"cycles": answer.bound}
        ways = self.choices.trellis(pace)
        path = Search(ways, limits).cheapest(pace)
        if path is None or not path.choices:
            raise self._too_slow(limits)
        least = ways.ahead(pace, np.eye(len(KINDS)))[0][0]
        return path, {"hardware": float(limits.hardware(path.cost if path.exact else least))}

    def _fastest(self, limits: Limits) -> Answer | None:
        """Finds the fastest path among folds that are no slower than a pace at which small folds
        fit; if there is none, among those of ever slower paces."""
        first, last = self.choices.paces
        paces = [first]
        while paces[-1] < last:
            paces.append(-(-paces[-1] * 5 // 4))
        place = bisect_left(paces, True, key=lambda pace: Search(
            self.choices.trellis(pace, few=True), limits).some(pace))
        for pace in paces[place:]:
            if answer := Search(self.choices.trellis(pace), limits).fastest():
                return answer
        return Search(self.ways, limits).fastest()

    @property
    def worths(self) -> list[int]:
        """Lists the LUTs to give for a block RAM, in rising order: multiples of the chip's share,
        and none if more block RAM would not help."""
        room = Limits(np.where([k == "brams" for k in KINDS], np.inf, self.most), self.weights)
        pace = self.cycles or self.ways.paces[-1]
        if not self.target.brams or not Search(self.ways, room).possible(pace):
            return []
        share = self.target.luts // self.target.brams
        return [share, 2 * share, 4 * share]

    def _folded(self, folds: Folds) -> Graph:
        return fold(self.graph, folds, family=self.target.family.name)

    def _total(self, graph: Graph) -> np.ndarray:
        costs = estimate(graph, self.target).values()
        return np.array([sum(getattr(c, kind) for c in costs) for kind in KINDS], float)

    @staticmethod
    def _late(graph: Graph, pace: int) -> bool:
        """Tells whether there are more than ``pace`` cycles between two inferences."""
        return predict(graph).interval > pace

    def _staged(self, folds: Folds, folded: Graph, total: np.ndarray
                ) -> tuple[Folds, Graph, np.ndarray]:
        """Adds the registers that a clock needs, or on a board the registers for the fastest clock,
        as far as they fit and take no more cycles than are asked for, or than there are without
        them; returns folds, folded graph and its cost."""
        if self.goal.clock_mhz or self.board:
            pace = self.cycles or predict(folded).interval
            for more in staged(folded, self.target, self.goal.clock_mhz, self.fixed):
                graph = self._folded({**folds, **more})
                cost, most = self._total(graph), self._limits(self._reserved(graph))
                if (cost <= most).all() and not self._late(graph, pace):
                    return {**folds, **more}, graph, cost
        return folds, folded, total

    def _known(self, folds: Folds, graph: Graph, total: np.ndarray, bound: Mapping[str, float]
               ) -> Reached:
        cycles = predict(graph).interval
        reserve = self._reserved(graph)
        most = self._limits(reserve)
        hardware = float(Limits(most, self.weights).hardware(total))
        reached = {"cycles": cycles, "hardware": hardware}
        return Reached(
            asked=self.goal.asked,
            board=self.board.name if self.board else None,
            clock_mhz=self.clock,
            limits={kind: int(n) if isfinite(n) else None
                    for kind, n in zip(KINDS, most, strict=True)},
            margin=MARGIN,
            reserve=reserve,
            folds={name: one.json() for name, one in folds.items()},
            worth=self.graph.worth,
            cycles=cycles, hardware=hardware,
            fps=self.clock * 1e6 / cycles if self.clock else None,
            bound=dict(bound),
            exact=all(reached[name] <= least + 1e-9 for name, least in bound.items()))

    # -- refusals

    def _too_slow(self, limits: Limits) -> ModelError:
        """Says how fast the network can be, if that is not enough."""
        if (answer := self._fastest(limits)) is None:
            return self._nothing()
        cycles = answer.path.cycles
        rate = f", {self.clock * 1e6 / cycles:.10g} inferences/s" if self.clock else ""
        return ModelError(f"{self.graph.name}: an inference every {self.cycles} cycles is asked "
                          f"for, and the fastest that fits takes {cycles}{rate} "
                          f"({cycles / (self.cycles or cycles) - 1:.0%} more)")

    def _nothing(self) -> ModelError:
        """Says by how much the smallest fold does not fit, and which chip would hold it."""
        slowest = self.ways.paces[-1]
        least = self.ways.ahead(slowest, np.eye(len(KINDS)))[0][0]
        over = least / np.maximum(self.most, 1e-3)
        worst = int(over.argmax())
        weights = np.eye(len(KINDS))[worst] if over[worst] > 1 else self.weights
        path = Search(self.ways, Limits(np.full(len(KINDS), np.inf), weights)).cheapest(slowest)
        assert path is not None
        graph = self._folded(dict(filter(None, path.choices)))
        costs = estimate(graph, self.target)
        total, reserve = self._total(graph), self._reserved(graph)
        shares = total / np.maximum(self._limits(reserve), 1)
        kind = KINDS[worst if over[worst] > 1 else int(shares.argmax())]
        layer = max(costs, key=lambda name: getattr(costs[name], kind))
        need = int(total[KINDS.index(kind)])
        return ModelError(f"{self.graph.name}: folded to the smallest it needs {need} "
                          f"{SITES[kind]}, {getattr(costs[layer], kind)} of them for {layer!r}, "
                          f"and there are {self._room(kind, reserve)}"
                          f"{self._elsewhere(kind, graph)}")

    def _room(self, kind: str, reserve: Cost) -> str:
        """Says how much room there is, and the amounts reserved from it."""
        most, whose = min(self._has(kind, reserve))
        less: list[str] = []
        if whose != ASKED and (kept := getattr(reserve, kind)):
            less.append(f"{kept} for the link")
            most += kept
        if kind == "luts":
            less.append(f"{MARGIN:.0%} for the estimate's error")
        reason = f", less {' and '.join(less)}" if less else ""
        room = self._limits(reserve)[KINDS.index(kind)]
        return f"{int(room)} ({most} {whose}{reason})"

    def _elsewhere(self, kind: str, graph: Graph) -> str:
        """Names the smallest chip that would hold the folded network."""
        if min(self._has(kind, self.reserve))[1] == ASKED:
            return ""
        for other in sorted((t for t in targets() if t.luts), key=lambda t: t.luts):
            there = _Search(self.graph, Goal(), other, None, {})
            if other.name != self.target.name and (there._total(graph) <= there.most).all():
                return f"; {other.name} would hold it"
        return ""

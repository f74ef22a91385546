"""Folding to a goal: a rate with as little hardware as it takes, or the fastest that fits.

What fits is judged by the estimate, so LUTs are used up to a margin of its uncertainty only, and on
a board the link to the host keeps its share. Block RAMs and DSP blocks are counted, and have none.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np

from ..design.cycles import predict
from ..errors import ModelError
from ..estimator import estimate
from ..graph import Graph, Op
from ..hw.units.spatial import LEVELS
from ..lower.fold import Fold, Folds, fold
from ..ops import MatVec
from ..targets import Target, targets
from ..targets.boards import Board, boards
from ..targets.cost import Cost
from .choices import trellis
from .search import KINDS, Limits, Path, Trellis, cheapest, fastest

__all__ = ["MARGIN", "Goal", "reach"]

MARGIN = 0.15
"""By how much more LUTs may really come out: about the 95th percentile of docs/estimates.md."""
WORDS = {"luts": "LUTs", "brams": "block RAMs", "dsps": "DSP blocks"}
ASKED = "asked for"
ROUNDS = 8


@dataclass(frozen=True)
class Goal:
    """A rate, limits, or both; with no rate the fastest, with no limits what the chip has."""

    fps: float | None = None
    """Inferences a second, at the clock."""
    clock_mhz: float | None = None
    """A board's oscillator, where nobody says otherwise."""
    cycles: int | None = None
    """Cycles between two inferences, at most."""
    luts: int | None = None
    brams: int | None = None
    dsps: int | None = None
    spatial: bool = False
    """Whether weights may become logic in layers where that is better."""

    def __post_init__(self) -> None:
        for name, value in self.asked.items():
            if not isfinite(value) or value < 0 or value == 0 and name not in KINDS:
                raise ModelError(f"Goal: {name} must be more than nothing, and {value} is not")

    @property
    def asked(self) -> dict[str, float]:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: n for name, n in values.items() if n is not None and n is not False}


def reach(graph: Graph, goal: Goal, target: Target, board: Board | None = None,
          folds: Folds | None = None) -> tuple[Graph, dict[str, Any]]:
    """A lowered graph folded to the goal, and what is known of the search; ModelError if there is
    no such fold. ``folds`` and those that the model asks for stay."""
    return _Search(graph, goal, target, board, folds or {}).result()


class _Search:
    """One goal for one network on one chip."""

    def __init__(self, graph: Graph, goal: Goal, target: Target, board: Board | None, fixed: Folds):
        self.graph, self.goal, self.target, self.board = graph, goal, target, board
        self.clock = goal.clock_mhz or (board.clock_mhz if board else None)
        self.reserve = board.reserve if board else Cost()
        self.fixed = fixed
        fold(graph, fixed)      # says what is wrong with them
        self.most = np.array([self._most(kind) for kind in KINDS])
        if not self.cycles and not np.isfinite(self.most).any():
            raise ModelError(f"{graph.name}: {target.name} is of no size that it could fit; ask "
                             f"for a rate, or for limits")

    @cached_property
    def cycles(self) -> int | None:
        """The interval asked for."""
        asked = [self.goal.cycles] if self.goal.cycles else []
        if self.goal.fps:
            if not self.clock:
                raise ModelError(f"{self.graph.name}: {self.goal.fps:.10g} inferences/s at what "
                                 f"clock? Give it, or a board")
            each = Fraction(str(self.clock)) * 1_000_000 / Fraction(str(self.goal.fps))
            if each < 1:
                raise ModelError(f"{self.graph.name}: {self.goal.fps:.10g} inferences/s are more "
                                 f"than one a cycle of {self.clock:g} MHz")
            asked.append(int(each))
        return min(asked, default=None)

    def _has(self, kind: str) -> list[tuple[int, str]]:
        """What limits there are of a kind, and whose."""
        asked, has = getattr(self.goal, kind), getattr(self.target, kind)
        return ([(asked, ASKED)] if asked is not None else []) + (
            [(has - getattr(self.reserve, kind), f"of {self.target.name}")] if has else [])

    def _most(self, kind: str) -> float:
        """What the estimate may say at most."""
        most = min((n for n, _ in self._has(kind)), default=np.inf)
        return max(np.floor(most / (1 + MARGIN)) if kind == "luts" else most, 0)

    @cached_property
    def weights(self) -> np.ndarray:
        """Of a unit of each kind: its share of the chip, or of one of the family if that has no
        size, or else LUTs alone."""
        alike = [b.chip for b in boards() if b.chip.family == self.target.family]
        for chip in (self.target, *alike):
            if chip.luts:
                return np.array([1 / getattr(chip, k) if getattr(chip, k) else 0 for k in KINDS])
        return np.array([1.0, 0, 0])

    @cached_property
    def ways(self) -> Trellis:
        return trellis(self.graph, self.target, self.fixed, float(self.most[0]),
                       spatial=self.goal.spatial)

    # -- what is found

    def result(self) -> tuple[Graph, dict[str, Any]]:
        """Searched again with less room where queues, whose depth is known only now, take some, and
        for faster folds where branches keep each other waiting, which is known only now too."""
        room, pace = self.most, self.cycles
        bound: dict[str, float] = {}
        for _ in range(ROUNDS):
            path, least = self._found(room, pace)
            bound = bound or least
            folded = fold(self.graph, dict(filter(None, path.choices)))
            total = self._total(folded)
            fits = bool((total <= self.most).all())
            late = self.cycles and predict(folded).interval > self.cycles
            if fits and not late:
                return folded, self._known(path, folded, total, bound)
            if late:
                pace = path.cycles - 1
            room = room if fits else np.minimum(room, self.most) - np.maximum(total - path.cost, 0)
        raise ModelError(f"{self.graph.name}: no fold was found whose queues between branches fit "
                         f"too, and whose branches keep up")

    def _found(self, room: np.ndarray, pace: int | None) -> tuple[Path, dict[str, float]]:
        """The best path, and what no path within this room can be below."""
        limits = Limits(np.maximum(room, 0), self.weights)
        if pace is None:
            if (answer := fastest(self.ways, limits)) is None:
                raise self._nothing()
            return answer.path, {"cycles": answer.bound}
        path = cheapest(self.ways, pace, limits)
        if path is None or not path.choices:
            raise self._too_slow(limits)
        least = self.ways.ahead(pace, self.weights[:, None])[0][0, 0]
        return path, {"hardware": float(path.cost @ self.weights if path.exact else least)}

    def _total(self, graph: Graph) -> np.ndarray:
        costs = estimate(graph, self.target).values()
        return np.array([sum(getattr(c, kind) for c in costs) for kind in KINDS], float)

    def _known(self, path: Path, graph: Graph, total: np.ndarray, bound: Mapping[str, float]
               ) -> dict[str, Any]:
        cycles = predict(graph).interval
        reached = {"cycles": cycles, "hardware": float(total @ self.weights)}
        return {
            "asked": self.goal.asked,
            "board": self.board.name if self.board else None,
            "clock_mhz": self.clock,
            "limits": {kind: int(n) if isfinite(n) else None
                       for kind, n in zip(KINDS, self.most, strict=True)},
            "margin": MARGIN,
            "reserve": asdict(self.reserve),
            "folds": {name: _named(graph.by_name[name].op, pair)
                      for name, pair in filter(None, path.choices)},
            **reached,
            "fps": self.clock * 1e6 / cycles if self.clock else None,
            "bound": dict(bound),
            "exact": all(reached[name] <= least + 1e-9 for name, least in bound.items()),
        }

    # -- what is wrong

    def _too_slow(self, limits: Limits) -> ModelError:
        """How fast it can be, where that is not enough."""
        if (answer := fastest(self.ways, limits)) is None:
            return self._nothing()
        cycles = answer.path.cycles
        rate = f", {self.clock * 1e6 / cycles:.10g} inferences/s" if self.clock else ""
        return ModelError(f"{self.graph.name}: an inference every {self.cycles} cycles is asked "
                          f"for, and the fastest that fits takes {cycles}{rate} "
                          f"({cycles / (self.cycles or cycles) - 1:.0%} more)")

    def _nothing(self) -> ModelError:
        """By how much the smallest fold does not fit, and what would hold it."""
        slowest = self.ways.paces[-1]
        least = self.ways.ahead(slowest, np.eye(len(KINDS)))[0][0]
        over = least / np.maximum(self.most, 1e-3)
        worst = int(over.argmax())
        weights = np.eye(len(KINDS))[worst] if over[worst] > 1 else self.weights
        path = cheapest(self.ways, slowest, Limits(np.full(len(KINDS), np.inf), weights))
        assert path is not None
        graph = fold(self.graph, dict(filter(None, path.choices)))
        costs = estimate(graph, self.target)
        total = self._total(graph)
        kind = KINDS[worst if over[worst] > 1 else int((total / np.maximum(self.most, 1)).argmax())]
        layer = max(costs, key=lambda name: getattr(costs[name], kind))
        need = int(total[KINDS.index(kind)])
        return ModelError(f"{self.graph.name}: folded to the smallest it needs {need} "
                          f"{WORDS[kind]}, {getattr(costs[layer], kind)} of them for {layer!r}, "
                          f"and there are {self._room(kind)}{self._elsewhere(kind, graph)}")

    def _room(self, kind: str) -> str:
        """How much there is, and why no more."""
        most, whose = min(self._has(kind))
        less: list[str] = []
        if whose != ASKED and (kept := getattr(self.reserve, kind)):
            less.append(f"{kept} for the link")
            most += kept
        if kind == "luts":
            less.append(f"{MARGIN:.0%} for the estimate's error")
        reason = f", less {' and '.join(less)}" if less else ""
        return f"{int(self._most(kind))} ({most} {whose}{reason})"

    def _elsewhere(self, kind: str, graph: Graph) -> str:
        """The smallest chip that would hold it, folded like this."""
        if min(self._has(kind))[1] == ASKED:
            return ""
        for other in sorted((t for t in targets() if t.luts), key=lambda t: t.luts):
            there = _Search(self.graph, Goal(), other, None, {})
            if other.name != self.target.name and (there._total(graph) <= there.most).all():
                return f"; {other.name} would hold it"
        return ""


def _named(op: Op, pair: Fold) -> dict[str, int]:
    """As in a file of folds."""
    if isinstance(op, MatVec) and op.spatial:
        return {"spatial": True, **({"levels": op.levels} if op.levels != LEVELS else {})}
    return {"lanes": pair[0]} if len(pair) == 1 else {"pe": pair[0], "simd": pair[1]}

"""Steps of choices: a chain of states, with edges that have cycles and costs.

An edge has a number of cycles and costs (LUTs, block RAMs, DSP blocks, and any further kinds). The
cycles of a path are the cycles of its slowest edge; its cost is the sum of its edges' costs."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..targets.cost import SITES

__all__ = ["KINDS", "Move", "Path", "Step", "Trellis"]

KINDS = tuple(SITES)


class Move(NamedTuple):
    """A choice: the state it leads to, its cycles, its cost (kinds,), and the fold that was
    chosen."""

    to: Hashable
    cycles: int
    cost: np.ndarray
    choice: Any


class Step:
    """All moves from the states of one place to the states of the next, as arrays, in the order of
    the states that they leave."""

    def __init__(self, states: Sequence[Hashable], moves: Iterable[tuple[int, Move]], kinds: int):
        found = list(moves)
        places: dict[Hashable, int] = {}
        self.source = np.array([source for source, _ in found], int)
        self.to = np.array([places.setdefault(m.to, len(places)) for _, m in found], int)
        self.cycles = np.array([m.cycles for _, m in found], int)
        self.cost = np.array([m.cost for _, m in found], float).reshape(-1, kinds)
        self.choices = [m.choice for _, m in found]
        self.chosen: dict[Any, list[int]] = {}
        """The moves of each choice."""
        for k, choice in enumerate(self.choices):
            self.chosen.setdefault(choice, []).append(k)
        self.before, self.states = len(states), list(places)
        self.left, self.first = np.unique(self.source, return_index=True)
        """States that moves leave, and the first move from each."""


class Path(NamedTuple):
    """One move in every step, from the first state to the last."""

    choices: list[Any]
    cycles: int
    cost: np.ndarray
    exact: bool
    """Whether no path had to be left out on the way."""
    edges: Sequence[int] = ()
    """The move of each step."""


class Trellis:
    """Steps in sequence, from one state to the states after the last step.

    ``guessed`` are choices whose edges have a lower bound instead of the cost. ``kinds`` is the
    number of kinds of cost, of a chip by default."""

    def __init__(self, start: Hashable, kinds: int = len(KINDS)):
        self.states: list[Hashable] = [start]
        self.kinds = kinds
        self.steps: list[Step] = []
        self.guessed: dict[Any, Callable[[], np.ndarray]] = {}

    def add(self, moves: Any) -> None:
        """Adds a step; ``moves`` is a function from a state to its moves."""
        step = Step(self.states, ((k, move) for k, state in enumerate(self.states)
                                  for move in moves(state)), self.kinds)
        self.steps.append(step)
        self.states = step.states

    def settle(self, path: Path) -> bool:
        """Computes the guessed costs of a path; returns whether there were any."""
        found = [c for c in path.choices if c in self.guessed]
        for choice in found:
            more = self.guessed.pop(choice)()
            for step in self.steps:
                step.cost[step.chosen.get(choice, [])] += more
        return bool(found)

    def along(self, edges: Sequence[int], *, exact: bool) -> Path:
        """Makes the path along an edge of each step."""
        pairs = list(zip(self.steps, edges, strict=True))
        return Path([step.choices[e] for step, e in pairs],
                    max(int(step.cycles[e]) for step, e in pairs),
                    np.sum([step.cost[e] for step, e in pairs], axis=0), exact, edges)

    @property
    def paces(self) -> list[int]:
        """Lists every number of cycles that a path can take, in rising order."""
        slowest = max(int(step.cycles.min()) for step in self.steps)
        every = np.unique(np.concatenate([step.cycles for step in self.steps]))
        return [int(c) for c in every if c >= slowest]

    def ahead(self, cycles: int, factors: np.ndarray) -> list[np.ndarray]:
        """Computes for each place the least of each weighted sum over the steps that follow,
        (states, any).

        It is infinite where no path to the end takes at most ``cycles``."""
        least = [np.zeros((len(self.states), factors.shape[1]))]
        for step in reversed(self.steps):
            sums = step.cost @ factors + least[-1][step.to]
            sums[step.cycles > cycles] = np.inf
            here = np.full((step.before, factors.shape[1]), np.inf)
            here[step.left] = np.minimum.reduceat(sums, step.first, axis=0)
            least.append(here)
        return least[::-1]

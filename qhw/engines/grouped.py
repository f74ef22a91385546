"""The grouped engine: several groups of a product in parallel, a vector of each in a cycle.

Parameters
----------
m : the matrix
x : the input's tensor
net, i : the net of streams, and the channel before the unit
arrivals, leave : cycles of input beats and of output beats, (beats,)
fold, before, family : as in ``Engine.of``"""

from dataclasses import dataclass

import numpy as np

from ..exact.formats import Wire
from ..graph import Fold, Groups, PeSimd, Tensor
from ..hw.units.grouped import GroupedUnit
from ..schedule import Channel, Net
from .engine import Engine, Matrix
from .folded import NO_MEMORY, FoldedEngine

__all__ = ["GroupedEngine"]


@dataclass(frozen=True)
class GroupedEngine(Engine):
    """Folded engines side by side: each takes every ``groups``-th group, with all its inputs and
    outputs in a cycle, behind ``stages`` registers more, with weights in ``memory``."""

    groups: int
    stages: int = 0
    memory: str = ""

    @classmethod
    def of(cls, fold: Fold, before: "Engine", family: str) -> "Engine":
        assert isinstance(fold, Groups)
        return cls(fold.groups, fold.stages, fold.memory)

    @classmethod
    def wrong(cls, fold: Fold, m: Matrix) -> str:
        assert isinstance(fold, Groups)
        if m.groups == 1:
            return "it has no groups that could be computed in parallel"
        if fold.groups < 1 or m.groups % fold.groups:
            return f"groups must divide its {m.groups} groups, and {fold.groups} does not"
        if fold.memory and fold.groups == m.groups:
            return NO_MEMORY
        return FoldedEngine.wrong(PeSimd(m.outputs // m.groups, m.inputs, fold.stages,
                                         memory=fold.memory), m)

    def fold(self) -> Groups:
        """Returns the groups in parallel."""
        return Groups(self.groups, self.stages, self.memory)

    def at(self, m: Matrix) -> PeSimd:
        """Returns the outputs and inputs of all groups that are computed at once."""
        return PeSimd(self.groups * m.outputs // m.groups, self.groups * m.inputs, self.stages)

    def shares(self, m: Matrix) -> list[Matrix]:
        """Lists the matrices of the engines side by side, ``groups`` of them."""
        turns, each = m.groups // self.groups, m.outputs // m.groups
        codes = m.codes.reshape(turns, self.groups, each, *m.codes.shape[1:])
        starts = m.starts.reshape(turns, self.groups, each, m.parts)
        return [Matrix(m.scheme, codes[:, k].reshape(turns * each, *m.codes.shape[1:]),
                       starts[:, k].reshape(turns * each, m.parts), m.table, turns)
                for k in range(self.groups)]

    def _engine(self, m: Matrix) -> FoldedEngine:
        return FoldedEngine(m.outputs // m.groups, m.inputs, stages=self.stages,
                            memory=self.memory)

    def about(self, m: Matrix) -> str:
        """Says how many groups are computed at once."""
        return (f"{self.groups} of {m.groups} groups in parallel"
                f"{f', stages {self.stages}' if self.stages else ''}"
                f"{f', weights in {self.memory}' if self.memory else ''}")

    def kind(self, m: Matrix, x: Wire) -> str:
        """Returns the key of one engine."""
        return self._engine(m).kind(self.shares(m)[0], x)

    def takes(self, m: Matrix, x: Tensor) -> bool:
        """Tells whether the scheme has gates for the codes of ``x``."""
        return self._engine(m).takes(m, x)

    def unit(self, m: Matrix, x: Tensor) -> GroupedUnit:
        """Makes the units of all shares, side by side."""
        engine = self._engine(m)
        return GroupedUnit([engine.unit(share, x) for share in self.shares(m)], m.sums(x.value))

    def stored_bits(self, m: Matrix) -> int:
        """Computes the bits of all weights, as one engine stores them."""
        return self._engine(m).stored_bits(m)

    # One engine takes a whole vector in a cycle, so the beats are those of one engine for all
    # groups; an inference takes ``groups`` times fewer of them.

    def interval(self, m: Matrix, x: Tensor) -> int:
        """Computes the cycles of an inference: a vector of each of the groups in a cycle."""
        return self._engine(m).interval(m, x) // self.groups

    def stream(self, m: Matrix, net: Net, i: Channel, x: Tensor) -> Channel:
        """Adds one engine, in whose cycles the others move too."""
        return self._engine(m).stream(m, net, i, x)

    def schedule(self, m: Matrix, arrivals: np.ndarray, x: Tensor) -> np.ndarray:
        """Computes when the output beats of one engine leave, and of the others too."""
        return self._engine(m).schedule(m, arrivals, x)

    def latest(self, m: Matrix, leave: np.ndarray, x: Tensor) -> np.ndarray:
        """Computes the latest cycles of input beats, (beats,), as one engine does."""
        return self._engine(m).latest(m, leave, x)

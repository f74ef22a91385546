"""The spatial engine: weights are logic, and all products of a vector are computed every cycle.

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
from ..graph import Fold, PeSimd, Spatial, Tensor
from ..hw.units.spatial import SpatialUnit
from ..schedule import Channel, Net, just_in_time, paced
from .engine import Engine, Matrix

__all__ = ["SpatialEngine"]


@dataclass(frozen=True)
class SpatialEngine(Engine):
    """Adders with at most ``levels`` of them in series between two registers.

    They consist of the cells of a ``family`` of chips, or of expressions if that is empty."""

    levels: int
    family: str = ""

    @classmethod
    def of(cls, fold: Fold, before: "Engine", family: str) -> "Engine":
        assert isinstance(fold, Spatial)
        return cls(fold.levels, family)

    @classmethod
    def wrong(cls, fold: Fold, m: Matrix) -> str:
        assert isinstance(fold, Spatial)
        if fold.levels < 1:
            return f"levels must be 1 or more, and {fold.levels} is not"
        if m.groups > 1:
            return f"its {m.groups} groups take turns, so their weights cannot be logic"
        return ""

    def fold(self) -> Spatial:
        return Spatial(self.levels)

    def at(self, m: Matrix) -> PeSimd:
        return PeSimd(m.outputs, m.inputs)

    def about(self, m: Matrix) -> str:
        return "in logic"

    def kind(self, m: Matrix, x: Wire) -> str:
        return "spatial"

    def takes(self, m: Matrix, x: Tensor) -> bool:
        return x.coded is None

    def unit(self, m: Matrix, x: Tensor) -> SpatialUnit:
        return SpatialUnit(m.weights.reshape(-1, m.inputs), m.starts.ravel(), x=x.value,
                           y=m.sums(x.value), levels=self.levels, family=self.family)

    def stored_bits(self, m: Matrix) -> int:
        return 0

    def interval(self, m: Matrix, x: Tensor) -> int:
        return m.vectors(x)

    def stream(self, m: Matrix, net: Net, i: Channel, x: Tensor) -> Channel:
        return net.pipeline(net.queue(i, 2), len(self.unit(m, x).stages))

    def schedule(self, m: Matrix, arrivals: np.ndarray, x: Tensor) -> np.ndarray:
        return paced(arrivals + 1, 1) + len(self.unit(m, x).stages)

    def latest(self, m: Matrix, leave: np.ndarray, x: Tensor) -> np.ndarray:
        return just_in_time(leave - 1 - len(self.unit(m, x).stages))

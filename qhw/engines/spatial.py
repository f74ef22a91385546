"""The spatial engine: weights are logic, and all products of a vector are computed every cycle.

Parameters
----------
m : the matrix
x : the input's tensor
net, i : the net of streams, and the channel before the unit
arrivals, leave : cycles of input beats and of output beats, (beats,)
fold, before, family : as in ``Engine.of``"""

from dataclasses import dataclass

from ..graph import PeSimd, Spatial
from ..hw.units.spatial import SpatialUnit
from ..schedule import just_in_time, paced
from .engine import Engine

__all__ = ["SpatialEngine"]


@dataclass(frozen=True)
class SpatialEngine(Engine):
    """Adders with at most ``levels`` of them in series between two registers.

    They consist of the cells of a ``family`` of chips, or of expressions if that is empty."""

    levels: int
    family: str = ""

    @classmethod
    def of(cls, fold, before, family):
        assert isinstance(fold, Spatial)
        return cls(fold.levels, family)

    @classmethod
    def wrong(cls, fold, m):
        assert isinstance(fold, Spatial)
        if fold.levels < 1:
            return f"levels must be 1 or more, and {fold.levels} is not"
        if m.groups > 1:
            return f"its {m.groups} groups take turns, so their weights cannot be logic"
        return ""

    def at(self, m):
        return PeSimd(m.outputs, m.inputs)

    def about(self, m):
        return "in logic"

    def kind(self, m, x):
        return "spatial"

    def takes(self, m, x):
        return x.coded is None

    def unit(self, m, x):
        return SpatialUnit(m.weights.reshape(-1, m.inputs), m.starts.ravel(), x=x.value,
                           y=m.sums(x.value), levels=self.levels, family=self.family)

    def stored_bits(self, m):
        return 0

    def interval(self, m, x):
        return m.vectors(x)

    def stream(self, m, net, i, x):
        return net.pipeline(net.queue(i, 2), len(self.unit(m, x).stages))

    def schedule(self, m, arrivals, x):
        return paced(arrivals + 1, 1) + len(self.unit(m, x).stages)

    def latest(self, m, leave, x):
        return just_in_time(leave - 1 - len(self.unit(m, x).stages))

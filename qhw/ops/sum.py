"""The weighted sum of two streams of integers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..exact.held import holding, largest
from ..exact.num import Int
from ..graph import Tensor
from ..hw.units.join import SumUnit
from ..schedule import Channel, Net, paced
from ..tools.hdl import Component
from .op import Lanewise

__all__ = ["Sum"]


@dataclass(frozen=True, eq=False)
class Sum(Lanewise):
    """``a * x + b * y`` of integers; ``a`` and ``b`` are (channels,)."""

    kind = "sum"

    a: np.ndarray
    b: np.ndarray
    pe: int = 1

    def infer(self, *xs: Tensor) -> Tensor:
        x, y = xs
        ends = [f[:, None] * np.array([t.value.lo, t.value.hi], object)
                for f, t in ((self.a, x), (self.b, y))]
        lo, hi = (pick(ends[0], axis=1) + pick(ends[1], axis=1) for pick in (np.min, np.max))
        return Tensor(x.shape, Int(int(lo.min()), int(hi.max())))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        return xs[0] * self.a + xs[1] * self.b

    def prepared(self, *xs: Tensor) -> Callable[..., np.ndarray]:
        size = sum(largest(f) * x.value.size for f, x in zip((self.a, self.b), xs, strict=True))
        kind = holding(max(size, *(x.value.size for x in xs)))
        a, b = self.a.astype(kind), self.b.astype(kind)

        def added(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            found = x.astype(kind, copy=False) * a
            found += y.astype(kind, copy=False) * b
            return found

        return added

    def widened(self, lanes: int, cycles: int, *xs: Tensor) -> "Lanewise":
        """Returns this layer with the fewest lanes that keep up, because its multipliers are
        costly."""
        return super().widened(1, cycles, *xs)

    def unit(self, *xs: Tensor) -> Component:
        x, y = xs
        return SumUnit(self.a, self.b, xs=(x.integer, y.integer), y=self.infer(x, y).integer,
                       lanes=self.pe)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        return net.join([net.gate(i, self.pe, self.a, self.b) for i in ins])

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        return paced(np.maximum(*arrivals)) + 1

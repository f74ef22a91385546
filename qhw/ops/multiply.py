"""The product of two streams of integers, element by element."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..exact.num import Int
from ..graph import Tensor
from ..hw.units.multiply import MultiplyUnit
from ..schedule import Channel, Net, paced
from ..tools.hdl import Component
from .op import Lanewise, Operations

__all__ = ["Multiply"]


@dataclass(frozen=True)
class Multiply(Lanewise):
    """``(x - zeros[0]) * (y - zeros[1])`` of integers."""

    kind = "multiply"

    zeros: tuple[int, int] = (0, 0)
    pe: int = 1

    def _factors(self, *xs: Tensor) -> list[Int]:
        """The intervals of both factors."""
        return [Int(x.value.lo - zero, x.value.hi - zero)
                for x, zero in zip(xs, self.zeros, strict=True)]

    def infer(self, *xs: Tensor) -> Tensor:
        a, b = self._factors(*xs)
        return Tensor(xs[0].shape, a * b)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        return (xs[0] - self.zeros[0]) * (xs[1] - self.zeros[1])

    def widened(self, lanes: int, cycles: int, *xs: Tensor) -> "Lanewise":
        """Returns this layer with the fewest lanes that keep up, because its multipliers are
        costly."""
        return super().widened(1, cycles, *xs)

    def unit(self, *xs: Tensor) -> Component:
        x, y = xs
        return MultiplyUnit(self.zeros, xs=(x.integer, y.integer), y=self.infer(x, y).integer,
                            lanes=self.pe)

    def operations(self, *xs: Tensor) -> Operations:
        a, b = self._factors(*xs)
        return Operations(multiplied=xs[0].size * a.width * b.width)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        return net.join(ins)

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        return paced(np.maximum(*arrivals)) + 1

"""Multiplies each channel by an integer of its own, exactly: the scale between two products."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..exact.num import Int, Rounding
from ..graph import Tensor
from ..hw.units.requant import RequantUnit
from ..schedule import Channel, Net
from ..tools.hdl import Component
from .op import Lanewise

__all__ = ["Gain"]


@dataclass(frozen=True, eq=False)
class Gain(Lanewise):
    """``factors * x + offset``, both (channels,). A step of the result has the real value
    ``scale``."""

    kind = "gain"

    factors: np.ndarray
    offset: np.ndarray | None = None
    scale: Fraction = Fraction(1)
    pe: int = 1

    @property
    def added(self) -> np.ndarray:
        return np.zeros_like(self.factors) if self.offset is None else self.offset

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return Tensor(x.shape, x.value * Int.of(self.factors) + Int.of(self.added), self.scale)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return x * self.factors + self.added

    def unit(self, *xs: Tensor) -> Component:
        x, = xs
        return RequantUnit(self.factors, self.added, 0, 0, Rounding.FLOOR,
                           x=x.integer, y=self.infer(x).integer, pe=self.pe)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        return net.register(net.gate(ins[0], self.pe, self.factors))

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        return arrivals + 1

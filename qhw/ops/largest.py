"""The index of the largest integer, for integers in the order of real scores."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..exact.num import Int
from ..graph import Tensor
from ..hw.units.argmax import ArgMaxUnit, most_stages
from ..schedule import Channel, Net
from ..tools.hdl import Component
from .op import Lanewise

__all__ = ["Largest"]


@dataclass(frozen=True, eq=False)
class Largest(Lanewise):
    """The index of the largest integer of each pixel; among equals the one of higher ``rank``, then
    the first.

    ``rank`` is (channels,): the order of the biases' fractions, which the integers do not contain.
    """

    kind = "largest"

    rank: np.ndarray
    pe: int = 1
    stages: int = 0

    @property
    def most_stages(self) -> int:
        """Registers between the comparisons of its lanes and of its beats."""
        return most_stages(len(self.rank), self.pe)

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return Tensor((*x.shape[:-1], 1), Int(0, x.channels - 1))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        largest = x == x.max(axis=-1, keepdims=True)
        return np.where(largest, self.rank, -1).argmax(axis=-1)[..., None]

    @property
    def o_lanes(self) -> int:
        return 1

    def unit(self, *xs: Tensor) -> Component:
        x, = xs
        return ArgMaxUnit(self.rank, x=x.integer, pe=self.pe, stages=self.stages)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        came = net.pipeline(net.gate(ins[0], self.pe, self.rank), self.stages)
        return net.widen(came, len(self.rank) // self.pe)

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        beats = len(self.rank) // self.pe
        return arrivals[beats - 1::beats] + 1 + self.stages

"""A selection of neighbouring channels; the others are dropped."""

from dataclasses import dataclass, replace
from math import gcd
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..errors import ModelError
from ..graph import Op
from ..graph.tensor import Tensor
from ..hw.units.join import TakeUnit
from ..layers.spec import Arrays, Said, Spec, Whole
from ..schedule import Channel, Net
from ..tools.hdl import Component
from .op import Lanewise

__all__ = ["Take"]


@dataclass(frozen=True)
class Take(Lanewise):
    """The channels from ``first`` to ``first + count - 1``."""

    kind = "take"
    raw = True
    moves = True

    first: int
    count: int
    pe: int = 1

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        if self.first + self.count > x.channels:
            raise ModelError(f"there are no channels up to {self.first + self.count} in {x.shape}")
        return replace(x, shape=(*x.shape[:-1], self.count))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        return xs[0][..., self.first:self.first + self.count]

    def divided(self, *xs: Tensor) -> int:
        return gcd(self.first, self.count, xs[0].channels)

    def unit(self, *xs: Tensor) -> Component:
        x, = xs
        return TakeUnit(x.integer.shape, self.pe, self.first // self.pe, self.count // self.pe,
                        x.channels // self.pe)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        each = (n // self.pe for n in (self.first, self.count, xs[0].channels))
        return net.take(ins[0], *each)

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        x, = xs
        each = arrivals.reshape(-1, x.channels // self.pe)
        return each[:, self.first // self.pe:(self.first + self.count) // self.pe].ravel()


class TakeSpec(Spec):
    type: Literal["take"]
    first: Annotated[Whole, Field(ge=0)] = 0
    count: Annotated[Whole, Field(ge=1)]

    def op(self, arrays: Arrays) -> Take:
        """Makes the layer, whose channels are counted from 0."""
        return Take(self.first, self.count)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({"first": op.first, "count": op.count}, {}) if isinstance(op, Take) else None

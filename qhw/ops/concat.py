"""Streams of one format joined channel by channel."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import gcd
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..errors import ModelError
from ..exact.held import holding
from ..graph import Op, Tensor
from ..hw.units.join import ConcatUnit
from ..layers.join import joined
from ..layers.spec import Arrays, Name, Said, Spec
from ..schedule import Channel, Net, paced
from ..tools.hdl import Component
from .op import Lanewise

__all__ = ["Concat"]


@dataclass(frozen=True)
class Concat(Lanewise):
    """Concatenates the channels of tensors of one format, in order."""

    kind = "concat"
    raw = True

    pe: int = 1

    def infer(self, *xs: Tensor) -> Tensor:
        first = xs[0]
        if any((x.scale, x.zero, x.coded) != (first.scale, first.zero, first.coded) for x in xs):
            raise ModelError("its inputs have different formats")
        codes = first.integer
        for x in xs[1:]:
            codes |= x.integer
        return replace(first, shape=joined(xs), codes=codes)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        return np.concatenate(xs, axis=-1)

    def prepared(self, *xs: Tensor) -> Callable[..., np.ndarray]:
        kind = holding(self.infer(*xs).integer.size)
        return lambda *values: self.evaluate(*(v.astype(kind, copy=False) for v in values))

    def divided(self, *xs: Tensor) -> int:
        return gcd(*(x.channels for x in xs))

    def interval(self, *xs: Tensor) -> int:
        return sum(x.size for x in xs) // self.pe

    def unit(self, *xs: Tensor) -> Component:
        return ConcatUnit([x.integer for x in xs], self.infer(*xs).integer,
                          [x.channels // self.pe for x in xs], self.pe)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        return net.concat(ins, [x.channels // self.pe for x in xs])

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        """Passes pixels through, each from all inputs in order."""
        pixels = xs[0].size // xs[0].channels
        return paced(np.concatenate([a.reshape(pixels, -1) for a in arrivals], axis=1).ravel())

    def taken(self, arrivals: tuple[np.ndarray, ...], place: int, *xs: Tensor) -> np.ndarray:
        pixels = xs[0].size // xs[0].channels
        ends = np.cumsum([0, *(x.channels // self.pe for x in xs)])
        every = self.schedule(arrivals, *xs).reshape(pixels, -1)
        return every[:, ends[place]:ends[place + 1]].ravel()


class ConcatSpec(Spec):
    type: Literal["concat_codes"]
    inputs: Annotated[list[Name], Field(min_length=2, max_length=8)]    # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]

    def op(self, arrays: Arrays) -> Concat:
        return Concat()

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({}, {}) if isinstance(op, Concat) else None

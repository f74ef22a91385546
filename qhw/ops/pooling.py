"""Pooling of integers: the maximum or the sum under a window, channel by channel."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from ..errors import ModelError
from ..exact.held import holding
from ..exact.num import Int
from ..exact.window import Window
from ..graph import Op, Tensor
from ..hw.streams.window import WindowUnit
from ..hw.units.reduce import PoolUnit, ReduceUnit, TallyUnit
from ..layers.pool import pooled, seeing
from ..layers.spec import Arrays, Said, Sliding
from ..schedule import Channel, Net, just_in_time, paced
from ..tools.hdl import Component
from .op import Ends, Lanewise
from .windows import filled, image, offered, rows, seen

__all__ = ["Pooling"]


@dataclass(frozen=True, eq=False)
class Pooling(Lanewise):
    """The maximum of the integers under a window, the minimum where ``flip`` (channels,) is set, or
    their sum.

    ``fill`` is the integer of the pads in a sum; a maximum or minimum ignores pads."""

    kind = "pool"
    raw = True

    window: Window
    how: Literal["max", "sum"]
    flip: np.ndarray | None = None
    fill: int = 0
    pe: int = 1

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        shape = pooled(self.window, x)
        if x.coded is not None:
            raise ModelError("it pools integers, and its input's codes stand for other integers")
        if self.how == "max":
            return replace(x, shape=seeing(self.window, x, shape))
        return Tensor(shape, filled(x, self.window, self.fill).times(self.window.taps))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        if self.how == "sum":
            return self.window.patches(x, self.fill).sum(axis=(3, 4))
        sign = 1 if self.flip is None else np.where(self.flip, -1, 1)
        least = np.iinfo(np.int64).min
        return sign * self.window.patches(x * sign, least).max(axis=(3, 4))

    def prepared(self, *xs: Tensor) -> Callable[..., np.ndarray]:
        x, = xs
        kind, fill = holding(self.infer(x).value.size), self.fill
        sign = None if self.flip is None or not self.flip.any() else np.where(
            self.flip, -1, 1).astype(kind)
        combine = np.add if self.how == "sum" else np.maximum
        if self.how == "max":
            fill = np.iinfo(np.int64).min if kind is np.int64 else -np.inf

        def pooled(image: np.ndarray) -> np.ndarray:
            image = image.astype(kind, order="F", copy=False)
            found = self.window.reduced(image if sign is None else image * sign, fill, combine)
            return found if sign is None else found * sign

        return pooled

    def unit(self, *xs: Tensor) -> Component:
        x, = xs
        flip = np.zeros(x.channels, bool) if self.flip is None else self.flip
        if self.tallies(x):
            pixels, each, y = self.window.taps, x.channels // self.pe, self.infer(x).integer
            if each > 1:
                return TallyUnit(pixels, each, x=x.integer, y=y, lanes=self.pe)
            return ReduceUnit(self.how, pixels, flip[None], x=x.integer, y=y)
        fill, none = self.fill, None
        if self.how == "max" and any(self.window.pads):
            fill, none = _beyond(x.integer, flip)
        wide = filled(x, self.window, fill)
        return PoolUnit(x.integer.shape, self.window, image(x), self.how, flip, fill, x=wide,
                        y=self.infer(x).integer, lanes=self.pe, none=none)

    def _places(self, *xs: Tensor) -> WindowUnit:
        unit = self.unit(*xs)
        assert isinstance(unit, PoolUnit)
        return unit.window

    def tallies(self, x: Tensor) -> bool:
        """Tells whether the window sees the whole image ``x`` at once, so that sums need no image.
        """
        return self.how == "sum" and self.window.kernel == x.shape[:2] and not any(
            self.window.pads) and self.window.dilation == (1, 1)

    def ends(self, before: Callable[[], Ends], *xs: Tensor) -> Ends:
        """Returns the ends of the input for a maximum, the ends of the format for a sum."""
        return before() if self.how == "max" else super().ends(before, *xs)

    def interval(self, *xs: Tensor) -> int:
        x, = xs
        made = self.infer(x).size * self.window.taps
        return max(x.size, made) // self.pe

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        x, = xs
        if self.tallies(x):
            taps, each = self.window.taps, x.channels // self.pe
            if each == 1:
                return net.widen(ins[0], taps)
            return net.register(net.take(ins[0], (taps - 1) * each, each, taps * each))
        return net.widen(rows(self._places(*xs), net, ins[0]), self.window.taps)

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        if self.tallies(xs[0]):
            return paced(arrivals)[-(xs[0].channels // self.pe):] + 1
        return seen(self._places(*xs), arrivals)[self.window.taps - 1::self.window.taps] + 1

    def latest(self, leave: np.ndarray, *xs: Tensor) -> np.ndarray | None:
        if self.tallies(xs[0]):
            beats = xs[0].size // self.pe - len(leave)
            return just_in_time(np.concatenate([np.full(beats, leave[0] - 1), leave - 1]))
        before = (leave[:, None] - 1 - np.arange(self.window.taps)[::-1]).ravel()
        return offered(self._places(*xs), before)


def _beyond(x: Int, flip: np.ndarray) -> tuple[int, int | None]:
    """The integer of the pads of a maximum: one that never wins, or one that is recognized if some
    channels take the maximum and others the minimum."""
    if not flip.any():
        return x.lo, None
    if flip.all():
        return x.hi, None
    none = min((x.lo - 1, x.hi + 1), key=lambda n: (x | Int(n, n)).width)
    return none, none


class PoolingSpec(Sliding):
    type: Literal["max_pool_codes"]

    def op(self, arrays: Arrays) -> Pooling:
        return Pooling(self.window, "max")

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Pooling) or op.how != "max" or op.flip is not None:
            return None
        return cls.keys(op.window), {}

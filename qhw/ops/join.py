"""Two branches become one: sums, and channels beside channels."""

from dataclasses import dataclass, replace
from math import gcd

import numpy as np

from ..errors import ModelError
from ..exact.num import Int
from ..graph import Op, Tensor
from ..hw.units.join import ConcatUnit, SumUnit, TakeUnit
from .op import Lanewise, paced

__all__ = ["Add", "Concat", "Join", "Sum", "Take"]


def _joined(xs: tuple[Tensor, ...]) -> tuple[int, ...]:
    first = xs[0].shape
    if any(x.shape[:-1] != first[:-1] for x in xs):
        raise ModelError(f"it joins channels of {' and '.join(str(x.shape) for x in xs)}")
    return (*first[:-1], sum(x.channels for x in xs))


@dataclass(frozen=True)
class Add(Op):
    """The sum of two real tensors."""

    kind = "add"

    def infer(self, *xs):
        a, b = xs
        if a.shape != b.shape:
            raise ModelError(f"it adds {a.shape} and {b.shape}")
        return Tensor(a.shape)

    def evaluate(self, *xs):
        return xs[0] + xs[1]


@dataclass(frozen=True)
class Join(Op):
    """The channels of real tensors, one after the other."""

    kind = "join"

    def infer(self, *xs):
        return Tensor(_joined(xs))

    def evaluate(self, *xs):
        return np.concatenate(xs, axis=-1)


@dataclass(frozen=True, eq=False)
class Sum(Lanewise):
    """``a * x + b * y`` of integers; ``a`` and ``b`` are (channels,)."""

    kind = "sum"

    a: np.ndarray
    b: np.ndarray
    pe: int = 1

    def infer(self, *xs):
        x, y = xs
        ends = [f[:, None] * np.array([t.value.lo, t.value.hi], object)
                for f, t in ((self.a, x), (self.b, y))]
        lo, hi = (pick(ends[0], axis=1) + pick(ends[1], axis=1) for pick in (np.min, np.max))
        return Tensor(x.shape, Int(int(lo.min()), int(hi.max())))

    def evaluate(self, *xs):
        return xs[0] * self.a + xs[1] * self.b

    def widened(self, lanes, cycles, *xs):
        """As few lanes as keep up: their factors are wide."""
        return super().widened(1, cycles, *xs)

    def unit(self, *xs):
        x, y = xs
        return SumUnit(self.a, self.b, xs=(x.integer, y.integer), y=self.infer(x, y).integer,
                       lanes=self.pe)

    def stream(self, net, ins, *xs):
        return net.join([net.gate(i, self.pe, self.a, self.b) for i in ins])

    def schedule(self, arrivals, *xs):
        return paced(np.maximum(*arrivals)) + 1


@dataclass(frozen=True)
class Concat(Lanewise):
    """The channels of tensors of one format, one after the other."""

    kind = "concat"
    raw = True

    pe: int = 1

    def infer(self, *xs):
        first = xs[0]
        if any((x.scale, x.zero, x.coded) != (first.scale, first.zero, first.coded) for x in xs):
            raise ModelError("what it joins has several formats")
        codes = first.integer
        for x in xs[1:]:
            codes |= x.integer
        return replace(first, shape=_joined(xs), codes=codes)

    def evaluate(self, *xs):
        return np.concatenate(xs, axis=-1)

    def divided(self, *xs):
        return gcd(*(x.channels for x in xs))

    def interval(self, *xs):
        return sum(x.size for x in xs) // self.pe

    def unit(self, *xs):
        return ConcatUnit([x.integer for x in xs], self.infer(*xs).integer,
                          [x.channels // self.pe for x in xs], self.pe)

    def stream(self, net, ins, *xs):
        return net.concat(ins, [x.channels // self.pe for x in xs])

    def schedule(self, arrivals, *xs):
        """Pixel by pixel, from one input after the other."""
        pixels = xs[0].size // xs[0].channels
        return paced(np.concatenate([a.reshape(pixels, -1) for a in arrivals], axis=1).ravel())

    def taken(self, arrivals, place, *xs):
        pixels = xs[0].size // xs[0].channels
        ends = np.cumsum([0, *(x.channels // self.pe for x in xs)])
        every = self.schedule(arrivals, *xs).reshape(pixels, -1)
        return every[:, ends[place]:ends[place + 1]].ravel()


@dataclass(frozen=True)
class Take(Lanewise):
    """Channels ``first`` up to ``first + count``."""

    kind = "take"
    raw = True

    first: int
    count: int
    pe: int = 1

    def infer(self, *xs):
        x, = xs
        if self.first + self.count > x.channels:
            raise ModelError(f"there are no channels up to {self.first + self.count} in {x.shape}")
        return replace(x, shape=(*x.shape[:-1], self.count))

    def evaluate(self, *xs):
        return xs[0][..., self.first:self.first + self.count]

    def divided(self, *xs):
        return gcd(self.first, self.count, xs[0].channels)

    def unit(self, *xs):
        x, = xs
        return TakeUnit(x.integer.shape, self.pe, self.first // self.pe, self.count // self.pe,
                        x.channels // self.pe)

    def stream(self, net, ins, *xs):
        each = (n // self.pe for n in (self.first, self.count, xs[0].channels))
        return net.take(ins[0], *each)

    def schedule(self, arrivals, *xs):
        x, = xs
        each = arrivals.reshape(-1, x.channels // self.pe)
        return each[:, self.first // self.pe:(self.first + self.count) // self.pe].ravel()

"""Two branches become one: sums, and channels beside channels."""

from dataclasses import dataclass, replace

import numpy as np

from ..errors import ModelError
from ..ir import Op, Tensor
from ..num import Int

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
class Sum(Op):
    """``a * x + b * y`` of integers; ``a`` and ``b`` are (channels,)."""

    kind = "sum"
    integer = True

    a: np.ndarray
    b: np.ndarray

    def infer(self, *xs):
        x, y = xs
        ends = [f[:, None] * np.array([t.value.lo, t.value.hi], object)
                for f, t in ((self.a, x), (self.b, y))]
        lo, hi = (sum(pick(e, axis=1) for e in ends) for pick in (np.min, np.max))
        return Tensor(x.shape, Int(int(lo.min()), int(hi.max())))

    def evaluate(self, *xs):
        return xs[0] * self.a + xs[1] * self.b


@dataclass(frozen=True)
class Concat(Op):
    """The channels of tensors of one format, one after the other."""

    kind = "concat"
    integer = True
    raw = True

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


@dataclass(frozen=True)
class Take(Op):
    """Channels ``first`` up to ``first + count``."""

    kind = "take"
    integer = True
    raw = True

    first: int
    count: int

    def infer(self, *xs):
        x, = xs
        if self.first + self.count > x.channels:
            raise ModelError(f"there are no channels up to {self.first + self.count} in {x.shape}")
        return replace(x, shape=(*x.shape[:-1], self.count))

    def evaluate(self, *xs):
        return xs[0][..., self.first:self.first + self.count]

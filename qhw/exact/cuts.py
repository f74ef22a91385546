"""All cuts of a quantizer at once, exact as in ``cut``: arrays of Python's integers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isqrt, lcm
from typing import TypeVar

import numpy as np

from .cut import Cut, root
from .num import Rounding

__all__ = ["AnyCut", "Cuts"]

Roots = tuple[tuple[np.ndarray, Fraction], ...]


@dataclass(frozen=True, eq=False)
class Cuts:
    """Conditions ``v >= threshold`` on a real value v, or ``>`` where ``strict``.

    The thresholds are ``(over + sum(q * sqrt(r) for q, r in roots)) / under``; ``over`` and each q
    are arrays of integers of any size. ``falling`` negates all conditions. ``always`` is 1 where a
    condition is true for all values, -1 where it is false for all, otherwise 0.
    """

    over: np.ndarray
    under: int
    strict: np.ndarray
    always: np.ndarray
    roots: Roots = ()
    falling: bool = False

    @classmethod
    def of(cls, edges: Sequence[tuple[Fraction, bool]]) -> "Cuts":
        """Makes conditions from rational thresholds; each of ``edges`` is (threshold, strict)."""
        under = lcm(*(t.denominator for t, _ in edges))
        over = np.array([t.numerator * (under // t.denominator) for t, _ in edges], object)
        return cls(over, under, np.array([s for _, s in edges], bool),
                   np.zeros(len(edges), np.int8))

    @classmethod
    def whole(cls, over: np.ndarray) -> "Cuts":
        """Makes the conditions ``v >= t`` of integers t, an array of Python's."""
        return cls(over, 1, np.zeros(len(over), bool), np.zeros(len(over), np.int8))

    @classmethod
    def gathered(cls, cuts: Iterable[Cut]) -> "Cuts":
        """Makes the conditions from single cuts; ValueError if a threshold has roots or a cut
        falls."""
        if isinstance(cuts, Cuts):
            return cuts
        each = list(cuts)
        if any(cut.roots or cut.falling for cut in each):
            raise ValueError("Conditions with roots, or that fall, stay one by one")
        always = [0 if cut.always is None else 1 if cut.always else -1 for cut in each]
        return replace(cls.of([(cut.p, cut.strict) for cut in each]),
                       always=np.array(always, np.int8))

    def __len__(self) -> int:
        return len(self.over)

    def __iter__(self) -> Iterator[Cut]:
        for k, n in enumerate(self.over):
            roots = tuple((Fraction(q[k], self.under), r) for q, r in self.roots if q[k])
            yield Cut(Fraction(n, self.under), bool(self.strict[k]), roots, self.falling,
                      bool(self.always[k] > 0) if self.always[k] else None)

    def through_affine(self, slope: Fraction, offset: Fraction) -> "Cuts":
        """Pulls the conditions on v back to x, where ``v = slope * x + offset``."""
        if slope == 0:
            return self._constant(np.ones(len(self), bool), self._below(offset))
        moved = self._moved(-offset)._scaled(1 / slope)
        return moved if slope > 0 else moved._mirrored()

    def through_norm(self, gamma: Fraction, beta: Fraction, mean: Fraction,
                     variance: Fraction) -> "Cuts":
        """Pulls the conditions on v back to x, where v is the batch norm of x.

        ``gamma``, ``beta``, ``mean`` and ``variance`` are numbers, as in ``Cut.through_norm``."""
        if gamma == 0:
            return self.through_affine(gamma, beta)
        cuts = self.through_affine(gamma, beta)
        roots = ((cuts.over, variance), *((q, r * variance) for q, r in cuts.roots))
        return replace(cuts, over=0 * cuts.over, roots=roots)._moved(mean)

    def through_relu(self) -> "Cuts":
        """Pulls the conditions on v back to x, where ``v = max(x, 0)``."""
        return self.through_clamp(Fraction(0), None)

    def through_leaky(self, slope: Fraction) -> "Cuts":
        """Pulls the conditions on v back to x, where ``v = x`` for x >= 0 and ``v = slope * x``
        below 0."""
        below = self._below(Fraction(0))
        if slope == 0:
            return self._constant(below, below)
        whole, part = slope.numerator, slope.denominator
        scales = np.where(below, part, whole).astype(object)
        return replace(self, over=self.over * scales, under=self.under * whole,
                       roots=tuple((q * scales, r) for q, r in self.roots))

    def through_clamp(self, lo: Fraction | None, hi: Fraction | None) -> "Cuts":
        """Pulls the conditions on v back to x, where ``v = min(max(x, lo), hi)``; None is no
        limit."""
        made = self
        if lo is not None:
            made = made._constant(below := self._below(lo), below)
        if hi is not None:
            made = made._constant(above := ~self._below(hi), ~above)
        return made

    def through_division(self, divisor: int) -> "Cuts":
        """Pulls the conditions on v back to x, where ``v = x / divisor`` rounded towards 0."""
        k = self.firsts()
        return replace(self, over=np.where(k > 0, k, k - 1) * divisor, under=1,
                       strict=(k <= 0).astype(bool), roots=())

    def through_rounding(self, rounding: Rounding) -> "Cuts":
        """Pulls the conditions on v back to x, where ``v`` is x rounded to an integer."""
        made = Cuts.of([rounding.reaches(int(k)) for k in self.firsts()])
        return replace(made, always=self.always, falling=self.falling)

    def firsts(self) -> np.ndarray:
        """Computes the smallest integers at or above the thresholds (above, where ``strict``),
        ignoring ``falling`` and ``always``: Python's integers."""
        match self.roots:
            case ():
                return _firsts(self.over, self.under, self.strict)
            case ((q, r),):
                return self._firsts_of_a_root(q, r)
            case _:
                return np.array([replace(cut, always=None).first() for cut in self], object)

    def _firsts_of_a_root(self, q: np.ndarray, r: Fraction) -> np.ndarray:
        """The first integers where a threshold has one root, which is irrational unless it is that
        of a square."""
        over, under = self.over * r.denominator, self.under * r.denominator
        square = r.numerator * r.denominator    # sqrt(r) is sqrt(square) / denominator
        if (whole := root(Fraction(square))) is not None:
            return _firsts(over + q * int(whole), under, self.strict)
        sizes = np.array([isqrt(int(n) * int(n) * square) for n in q], object)
        irrational = (over + np.where(q > 0, sizes, -sizes - 1)) // under + 1
        return np.where(q == 0, _firsts(over, under, self.strict), irrational)

    def _below(self, v: Fraction) -> np.ndarray:
        """Whether ``v`` is at or above each threshold, ignoring ``falling``."""
        if self.roots:
            return (self._moved(-v).firsts() <= 0).astype(bool)
        over, limit = self.over * v.denominator, v.numerator * self.under
        return (over < limit) | (over == limit) & ~self.strict

    def _moved(self, offset: Fraction) -> "Cuts":
        """The conditions of thresholds larger by ``offset``."""
        scaled = self._times(offset.denominator)
        return replace(scaled, over=scaled.over + offset.numerator * self.under)

    def _scaled(self, by: Fraction) -> "Cuts":
        """The conditions of thresholds times a number."""
        return replace(self, over=self.over * by.numerator, under=self.under * by.denominator,
                       roots=tuple((q * by.numerator, r) for q, r in self.roots))

    def _times(self, n: int) -> "Cuts":
        """The same conditions, with numerators and denominators that are ``n`` times as large."""
        return self if n == 1 else replace(self._scaled(Fraction(n)), under=self.under * n)

    def _constant(self, where: np.ndarray, reached: np.ndarray) -> "Cuts":
        """The conditions, but where ``where``, those that are ``reached`` or not for all values."""
        truth = np.where(reached != self.falling, 1, -1)
        change = where & (self.always == 0)
        return replace(self, always=np.where(change, truth, self.always).astype(np.int8))

    def _mirrored(self) -> "Cuts":
        return replace(self, falling=not self.falling, strict=~self.strict)


AnyCut = TypeVar("AnyCut", Cut, Cuts)
"""One condition, or all of a quantizer."""


def _firsts(over: np.ndarray, under: int, strict: np.ndarray) -> np.ndarray:
    if strict.all():
        return over // under + 1
    up = -(-over // under)
    return np.where(strict, over // under + 1, up) if strict.any() else up

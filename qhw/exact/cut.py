"""Exact comparisons: where a real threshold on a layer's output lies among the integers before it.

A *cut* is a condition ``v >= t`` on a real value. Each layer between an accumulator and its
activation pulls the activation's cuts back through itself; the result at the accumulator is a
threshold p + sum(q * sqrt(r)) with rational p, q, r (batch norms have roots, and so have the
boundaries of logarithmic levels), whose next integer is found in big integers. There is no floating
point, so no threshold is off by one."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, isinf, isqrt
from typing import Self

from .num import Rounding

__all__ = ["Cut"]

Roots = tuple[tuple[Fraction, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A condition ``v >= threshold`` (``>`` if ``strict``) on a real value v.

    The threshold is ``p + sum(q * sqrt(r) for q, r in roots)``, exact. ``falling`` negates the
    condition. ``always`` replaces it by a constant, true or false for all values.
    """

    p: Fraction
    strict: bool = False
    roots: Roots = ()
    falling: bool = False
    always: bool | None = None

    @classmethod
    def constant(cls, truth: bool) -> Self:
        """Makes a condition that is ``truth`` for all values."""
        return cls(Fraction(0), always=truth)

    @classmethod
    def at(cls, t: float, strict: bool = False) -> Self:
        """Makes the condition ``v >= t`` (``v > t`` if ``strict``); a constant if ``t`` is
        infinite."""
        if isinf(t):
            return cls.constant(t < 0)
        return cls(Fraction(t), strict)

    def through_affine(self, slope: Fraction, offset: Fraction) -> "Cut":
        """Pulls the condition on v back to x, where ``v = slope * x + offset``."""
        if self.always is not None:
            return self
        if slope == 0:
            above = self._below(offset)
            return Cut.constant(above != self.falling)
        cut = replace(self, p=(self.p - offset) / slope,
                      roots=tuple((q / slope, r) for q, r in self.roots))
        return cut if slope > 0 else cut._mirrored()

    def through_norm(self, gamma: Fraction, beta: Fraction, mean: Fraction,
                     variance: Fraction) -> "Cut":
        """Pulls the condition on v back to x, where v is the batch norm of x.

        ``v = gamma * (x - mean) / sqrt(variance) + beta``: ``gamma`` is the factor, ``beta`` the
        constant after it, ``mean`` and ``variance`` those of x, in its unit; ``variance`` is
        positive and includes the norm's epsilon.
        """
        if self.always is not None:
            return self
        if gamma == 0:
            return self.through_affine(gamma, beta)
        roots = (((self.p - beta) / gamma, variance),
                 *((q / gamma, r * variance) for q, r in self.roots))
        cut = replace(self, p=mean, roots=roots)
        return cut if gamma > 0 else cut._mirrored()

    def through_relu(self) -> "Cut":
        """Pulls the condition on v back to x, where ``v = max(x, 0)``."""
        if self.always is None and self._below(Fraction(0)):
            return Cut.constant(not self.falling)
        return self

    def through_leaky(self, slope: Fraction) -> "Cut":
        """Pulls the condition on v back to x, where ``v = x`` for x >= 0 and ``v = slope * x``
        below 0."""
        if self.always is None and self._below(Fraction(0)):
            return self.through_affine(slope, Fraction(0))
        return self

    def through_clamp(self, lo: Fraction | None, hi: Fraction | None) -> "Cut":
        """Pulls the condition on v back to x, where ``v = min(max(x, lo), hi)``; None is no limit.
        """
        if self.always is None and lo is not None and self._below(lo):
            return Cut.constant(not self.falling)
        if self.always is None and hi is not None and not self._below(hi):
            return Cut.constant(self.falling)
        return self

    def through_division(self, divisor: int) -> "Cut":
        """Pulls the condition on v back to x, where ``v = x / divisor`` rounded towards 0."""
        if self.always is not None:
            return self
        k = self.first()
        return Cut(Fraction(k * divisor if k > 0 else (k - 1) * divisor), strict=k <= 0,
                   falling=self.falling)

    def through_rounding(self, rounding: Rounding) -> "Cut":
        """Pulls the condition on v back to x, where ``v`` is x rounded to an integer."""
        if self.always is not None:
            return self
        t, strict = rounding.reaches(self.first())
        return Cut(t, strict, falling=self.falling)

    def holds(self, v: Fraction) -> bool:
        """Tells whether the condition is true for the value ``v``."""
        return self.always if self.always is not None else self._below(v) != self.falling

    def _mirrored(self) -> "Cut":
        # v <= t is "not v > t", v < t is "not v >= t"
        return replace(self, falling=not self.falling, strict=not self.strict)

    def _below(self, v: Fraction) -> bool:
        """Tells whether ``v`` is at or above the threshold, ignoring ``falling``."""
        return replace(self, p=self.p - v).first() <= 0

    def first(self) -> int:
        """Computes the smallest integer at or (``strict``) above the threshold, ignoring
        ``falling``.

        Roots of different square classes are linearly independent of each other and of 1. A
        threshold with a root left is therefore never an integer, and enough binary digits decide
        between which two integers it lies.
        """
        p, roots = _simplified(self.p, self.roots)
        if not roots:
            return floor(p) + 1 if self.strict else -floor(-p)
        digits = 64
        while True:
            low = floor(p * (1 << digits)) + sum(_scaled_root(q, r, digits) for q, r in roots)
            high = low + 1 + len(roots)
            if low >> digits == high >> digits:
                return (low >> digits) + 1
            digits *= 2


def _simplified(p: Fraction, roots: Roots) -> tuple[Fraction, Roots]:
    """Reduces a sum to at most one root for each square class; roots of squares become rational."""
    found: list[tuple[Fraction, Fraction]] = []
    for q, r in roots:
        if (whole := root(r)) is not None:
            p += q * whole
            continue
        for k, (other_q, other_r) in enumerate(found):
            if (ratio := root(r / other_r)) is not None:
                found[k] = (other_q + q * ratio, other_r)
                break
        else:
            found.append((q, r))
    return p, tuple((q, r) for q, r in found if q)


def root(r: Fraction) -> Fraction | None:
    """Computes the square root of ``r``; None if it is irrational."""
    n, d = isqrt(r.numerator), isqrt(r.denominator)
    return Fraction(n, d) if n * n == r.numerator and d * d == r.denominator else None


def _scaled_root(q: Fraction, r: Fraction, digits: int) -> int:
    """Computes ``floor(q * sqrt(r) * 2**digits)``."""
    square = q * q * r * (1 << 2 * digits)
    size = isqrt(floor(square))
    return size if q > 0 else -size - 1

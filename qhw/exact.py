"""Exact comparisons: where a real threshold on a layer's output lies among the integers before it.

A *cut* is a condition ``v >= t`` on a real value. Each layer between an accumulator and its
activation pulls the activation's cuts back through itself; what arrives at the accumulator is a
threshold of the form p + q * sqrt(r) (the root is batch norm's), of which the next integer is
found in big integers. No floating point takes part, so no threshold is off by one.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import isqrt
from typing import Self

__all__ = ["Cut"]


@dataclass(frozen=True, slots=True)
class Cut:
    """The values ``v >= p + q * sqrt(r)``, or ``v >`` it if ``strict``; ``falling`` is the rest.

    ``always`` makes it a constant: true or false of all values.
    """

    p: Fraction
    strict: bool = False
    q: Fraction = Fraction(0)
    r: Fraction = Fraction(0)
    falling: bool = False
    always: bool | None = None

    @classmethod
    def constant(cls, truth: bool) -> Self:
        return cls(Fraction(0), always=truth)

    def through_affine(self, slope: Fraction, offset: Fraction) -> "Cut":
        """The same condition on ``x``, where ``v = slope * x + offset``."""
        if self.always is not None:
            return self
        if slope == 0:
            above = self._below(offset)
            return Cut.constant(above != self.falling)
        cut = replace(self, p=(self.p - offset) / slope, q=self.q / slope)
        return cut if slope > 0 else cut._mirrored()

    def through_norm(self, gamma: Fraction, beta: Fraction, mean: Fraction,
                     variance: Fraction) -> "Cut":
        """The same condition on ``x``, where ``v = gamma * (x - mean) / sqrt(variance) + beta``."""
        if self.always is not None:
            return self
        if gamma == 0:
            return self.through_affine(gamma, beta)
        if self.q:
            raise ValueError("Two batch norms in a row; make them one")
        cut = replace(self, p=mean, q=(self.p - beta) / gamma, r=variance)
        return cut if gamma > 0 else cut._mirrored()

    def through_relu(self) -> "Cut":
        """The same condition on ``x``, where ``v = max(x, 0)``."""
        if self.always is None and self._below(Fraction(0)):
            return Cut.constant(not self.falling)
        return self

    def _mirrored(self) -> "Cut":
        # v <= t is "not v > t", v < t is "not v >= t"
        return replace(self, falling=not self.falling, strict=not self.strict)

    def _below(self, v: Fraction) -> bool:
        """Whether ``v`` is at or above the threshold, direction aside."""
        return replace(self, p=self.p - v).first() <= 0

    def first(self) -> int:
        """The smallest integer at or (``strict``) above the threshold, direction aside.

        With p = n/d and q^2 r = u/w, the threshold is (n w +- sqrt(d^2 u w)) / (d w); an integer
        is compared with the root by the root's integer part.
        """
        square = self.q * self.q * self.r
        u, w = square.numerator, square.denominator
        n, d = self.p.numerator, self.p.denominator
        radicand = d * d * u * w
        root = isqrt(radicand)
        exact = root * root == radicand
        if self.q >= 0:
            edge = n * w + root + (self.strict if exact else 1)
        else:
            edge = n * w - root + (self.strict if exact else 0)
        return -(-edge // (d * w))

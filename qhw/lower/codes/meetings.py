"""Sums of two branches without a common step, computed as integers with small factors.

The codes of a x + b y + c are also codes of the integers m x + n y, with n / m near b / a, on one
condition: for each code, the least m x + n y with that code or a higher one exceeds the largest
with a lower code. Both are found by visiting all y. Continued fractions give the smallest m and n.
The last fraction is b / a itself, which always meets the condition."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce
from typing import Any

import numpy as np

from ...errors import ModelError
from ...exact.cuts import Cuts
from ...exact.num import Int

__all__ = ["MOST_INTEGERS", "Branch", "Met", "meet", "meet_of_tables"]

MOST_INTEGERS = 1 << 12
"""Most integers of the branch that is gone through."""

CHOICES = 4
"""Most factors to choose from: with larger ones, thresholds of the sum are a straighter line."""

WIDE = 1 << 13
"""Factors that are no choice if there are smaller ones."""

MOST = 1 << 61
"""Sums stay below."""


Table = tuple[Int, np.ndarray]
"""Integers of an interval, and what each of them becomes."""


@dataclass(frozen=True)
class Branch:
    """A branch: integers n in ``x`` with the real values ``slope * n + offset``."""

    x: Int
    slope: Fraction
    offset: Fraction


@dataclass(frozen=True, eq=False)
class Met:
    """Integer factors of two branches, and for each code but the lowest the largest sum before it
    and the least behind it.

    Both are in rising order. If ``falls`` is set, codes are counted down from the highest."""

    factors: tuple[int, int]
    before: np.ndarray
    behind: np.ndarray
    falls: bool

    @property
    def thresholds(self) -> np.ndarray:
        """The integers in the middle between them."""
        return self.before + 1 + (self.behind - self.before - 1) // 2

    def sums(self, one: Int, two: Int) -> Int:
        """Computes the interval of the sum for inputs in ``one`` and ``two``."""
        m, n = self.factors
        return Int(m, m) * one + Int(n, n) * two


def meet(cuts: Cuts, back: list["partial[Any]"], one: Branch, two: Branch) -> list[Met]:
    """Finds factors for which the sum of two branches has the codes of a quantizer, the smallest
    first.

    ModelError if the sums would need more than 61 bits.

    Parameters
    ----------
    cuts : the codes' conditions on the real sum
    back : functions that pull them back through the first branch
    one : the first branch, whose slope is near that of ``back``
    two : the second branch, whose integers are all visited"""
    every = np.arange(two.x.lo, two.x.hi + 1)
    moved = [reduce(lambda c, pull: pull(c), back,
                    cuts.through_affine(Fraction(1), two.offset + two.slope * int(y)))
             for y in every]
    first = np.array([_first(c, one.x) for c in moved])
    found = _least(first, moved[0].falling, one, two)
    if not found:
        raise ModelError("its sums would need more than 61 bits; put a quantize layer before it")
    return found


def meet_of_tables(thresholds: np.ndarray, one: Table, two: Table) -> list[Met]:
    """Finds factors for integers whose tables' sum reaches thresholds, the smallest first; none
    if the first table does not rise.

    Parameters
    ----------
    thresholds : integers, rising, with which the sum is compared
    one, two : an interval, and a table of what each of its integers becomes
    """
    (x, table), (_, other) = one, two
    if (np.diff(table) <= 0).any() or len(table) < 2 or len(other) < 2:
        return []
    first = x.lo + np.searchsorted(table, thresholds - other[:, None])
    branches = (Branch(of, Fraction(int(t[-1]) - int(t[0]), len(t) - 1), Fraction(0))
                for of, t in (one, two))
    return _least(first, False, *branches)


def _least(first: np.ndarray, falls: bool, one: Branch, two: Branch) -> list[Met]:
    """Finds factors with which sums are on the right side of each change, the smallest first.

    ``first`` are the integers of ``one`` with which codes begin, by the integers of ``two``.
    """
    every, found = np.arange(two.x.lo, two.x.hi + 1), list[Met]()
    for m, n in _factors(one.slope, two.slope):
        reach = Met((m, n), first, first, falls).sums(one.x, two.x)
        if reach.size >= MOST or found and (len(found) == CHOICES or max(m, abs(n)) >= WIDE):
            break
        before, behind = _beside(first, (m, n), one.x, every, reach)
        if (before < behind).all():
            found.append(Met((m, n), np.sort(before), np.sort(behind), falls))
    return found


def _first(cuts: Cuts, x: Int) -> np.ndarray:
    """The first integer at which each code is reached, or no longer if they fall."""
    ends = np.where((cuts.always > 0) != cuts.falling, x.lo, x.hi + 1)
    return np.where(cuts.always != 0, ends, np.clip(cuts.firsts(), x.lo, x.hi + 1)).astype(np.int64)


def _beside(first: np.ndarray, factors: tuple[int, int], x: Int, every: np.ndarray, reach: Int
            ) -> tuple[np.ndarray, np.ndarray]:
    """The largest sum before each change, and the least behind it."""
    m, n = factors
    sums = m * first + n * every[:, None]
    return (np.where(first > x.lo, sums - m, reach.lo - 1).max(axis=0),
            np.where(first <= x.hi, sums, reach.hi + 1).min(axis=0))


def _factors(a: Fraction, b: Fraction) -> Iterator[tuple[int, int]]:
    """Integers whose ratio is nearer and nearer to that of ``b`` to ``a``, the first not negative.
    """
    if a == 0:
        yield 0, (b > 0) - (b < 0)
        return
    for n, m in _convergents(abs(b / a)):
        yield m, n if a * b > 0 else -n


def _convergents(ratio: Fraction) -> Iterator[tuple[int, int]]:
    """Better and better fractions (over, under), to the ratio itself."""
    over, under = (0, 1), (1, 0)
    while True:
        whole = ratio.numerator // ratio.denominator
        over = over[1], whole * over[1] + over[0]
        under = under[1], whole * under[1] + under[0]
        yield over[1], under[1]
        if ratio == whole:
            return
        ratio = 1 / (ratio - whole)

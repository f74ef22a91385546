"""Step functions as an integer multiplier, an offset and a shift, proven for every integer.

A channel's step function is given by the integers at which its code changes. A multiplier m and an
offset o turn the integer x into the code ``floor((m x + o) / 2**shift)``. They are right if for
each code k, whose first integer is t, ``m t + o >= k 2**shift > m (t - 1) + o``. For a given m
these conditions allow an interval of o. Its length is concave in m, so bisection finds an m if
there is one. If a shift allows a solution, the next shift allows it with twice the numbers, so
bisection finds the least shift."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .num import Int, Rounding

__all__ = ["Scaled", "Steps", "scaled"]

BITS = 31
"""Most bits of a multiplier."""

MOST = 1 << 60
"""Products and sums stay below, so that int64 holds sums of two."""

NEVER = 1 << 61
"""Farther than any bound of an offset."""


@dataclass(frozen=True, eq=False)
class Steps:
    """Step functions of the channels, on the integers that can occur.

    ``first`` is (channels, codes - 1), in rising order: the first integer with each code but the
    lowest, clipped to ``lo`` and ``hi + 1``; ``last`` is the last integer before it that occurs.
    ``code`` is the code of their first column. ``lo`` and ``hi`` are the least and the largest
    integer, (channels,). Where ``falls``, bool (channels,), is set, codes fall with the integers,
    and the others are those of the negated integers."""

    first: np.ndarray
    last: np.ndarray
    falls: np.ndarray
    lo: np.ndarray
    hi: np.ndarray
    code: int

    @classmethod
    def of(cls, thresholds: np.ndarray, falls: np.ndarray, lo: np.ndarray, hi: np.ndarray,
           lowest: int) -> "Steps":
        """Makes steps from the thresholds of a ``Threshold``; codes that no channel reaches are
        left out.

        Parameters
        ----------
        thresholds : (channels, codes - 1), in rising order
        falls : bool (channels,); true if codes fall with the integers
        lo, hi : the least and the largest integer that can occur, (channels,)
        lowest : the code below all thresholds"""
        return cls.between(thresholds - 1, thresholds, falls, lo, hi, lowest)

    @classmethod
    def between(cls, before: np.ndarray, behind: np.ndarray, falls: np.ndarray, lo: np.ndarray,
                hi: np.ndarray, lowest: int) -> "Steps":
        """Makes steps of integers of which some do not occur.

        Parameters
        ----------
        before, behind : (channels, codes - 1), the largest integer before each threshold and the
            least behind it
        falls, lo, hi, lowest : as in ``of``"""
        first = np.where(falls[:, None], -before[:, ::-1], behind)
        last = np.where(falls[:, None], -behind[:, ::-1], before)
        low, high = np.where(falls, -hi, lo), np.where(falls, -lo, hi)
        first = np.clip(first, low[:, None], high[:, None] + 1)
        last = np.clip(last, low[:, None] - 1, high[:, None])
        always = int((last < low[:, None]).all(axis=0).sum())
        never = int((first > high[:, None]).all(axis=0).sum())
        first, last = (v[:, always:v.shape[1] - never] for v in (first, last))
        return cls(first, last, falls, low, high, lowest + always + 1)

    @property
    def interval(self) -> Int:
        """The interval of the codes of all channels."""
        return Int(self.code - 1, self.code - 1 + self.first.shape[1])

    @property
    def codes(self) -> np.ndarray:
        """The code of each column of ``first``, (codes - 1,)."""
        steps: int = self.first.shape[1]
        return self.code + np.arange(steps)

    @property
    def size(self) -> int:
        """The largest magnitude of an integer that can occur."""
        return int(max(np.abs(self.lo).max(), np.abs(self.hi).max(), 1))


@dataclass(frozen=True, eq=False)
class Scaled:
    """``floor((x * multiplier + offset) / 2**shift)``, or with another ``rounding`` instead of the
    floor.

    ``multiplier`` and ``offset`` are (channels,). With ``away`` (channels,) the sum is rounded half
    up after ``away`` is subtracted from negative sums; 1 gives half away from zero."""

    multiplier: np.ndarray
    offset: np.ndarray
    shift: int
    rounding: Rounding = Rounding.FLOOR
    away: np.ndarray | None = None

    @property
    def bits(self) -> int:
        """Bits of the largest multiplier."""
        return int(np.abs(self.multiplier).max()).bit_length()


def scaled(steps: Steps) -> Scaled | None:
    """Finds the multipliers, offsets and shift of the fewest bits that compute ``steps``.

    All channels share a multiplier if possible. The caller clips the results to the lowest and the
    highest code. None if no multiplier of at most 31 bits is right."""
    best = None
    for rounding in (Rounding.FLOOR, Rounding.HALF_EVEN, Rounding.HALF_AWAY):
        below = NEVER if best is None else best.shift
        best = _rounded(steps, rounding, below) or best
    return best


def _rounded(steps: Steps, rounding: Rounding, below: int) -> Scaled | None:
    """The fewest bits with a rounding, and a shift less than ``below``."""
    alone = _search(steps, rounding)
    for search in (replace(alone, shared=True), alone):
        found = search.least(below)
        if found and (made := _made(steps, rounding, *found, *search.offsets(*found))):
            return made
    return None


@dataclass(frozen=True, eq=False)
class Search:
    """Conditions on multipliers: one multiplier for each channel, or one for all if ``shared``.

    Arrays are (channels, rows, codes), and each row has an offset of its own. ``first`` is as in
    ``Steps``. Where ``need`` is set, the sum of ``first`` must reach the code's edge. Where
    ``room`` is set, the sum of ``last`` must not reach it. All channels have
    the same edges, ``whole * 2**shift + half * 2**(shift - 1) + more``."""

    first: np.ndarray
    last: np.ndarray
    need: np.ndarray
    room: np.ndarray
    whole: np.ndarray
    half: np.ndarray
    more: np.ndarray
    size: int
    shared: bool = False

    @property
    def all(self) -> np.ndarray:
        """The indices of all multipliers."""
        return np.arange(1 if self.shared else len(self.first))

    def _of(self, values: np.ndarray, owners: np.ndarray) -> np.ndarray:
        """The values of some multipliers' channels."""
        return values if self.shared or len(owners) == len(values) else values[owners]

    def edges(self, shift: int) -> np.ndarray:
        """Computes the sums at which codes begin."""
        return _sums(shift, self.whole, self.half, self.more)

    def least(self, below: int) -> tuple[np.ndarray, int] | None:
        """Finds the least shift for which there are multipliers; returns the multipliers
        (multipliers,) and the shift, or None if none less than ``below`` has them."""
        top, best = min(self._top(), below - 1), None
        low = int(self.half.any())      # without a fraction there are no halves
        while low <= top:
            shift = top if best is None else (low + top) // 2
            if (found := self.multipliers(shift)) is not None:
                best, top = (found, shift), shift - 1
            elif best is None:
                return None
            else:
                low = shift + 1
        return best

    def _top(self) -> int:
        """The largest shift whose numbers fit."""
        shift = (MOST // (int(np.abs(self.whole).max()) + 1)).bit_length() - 1
        while (over := int(self._brackets(shift)[0].max()).bit_length() - BITS) > 0 < shift:
            shift = max(shift - over, 0)
        return shift

    @cached_property
    def spans(self) -> tuple[np.ndarray, ...]:
        """Between the first and the last code of each row that changes between integers: the rises
        of ``whole``, ``half`` and ``more``, the most and the fewest integers, and whether there are
        such codes."""
        inside = self.need & self.room
        last = inside.shape[2] - 1
        ends = np.stack([inside.argmax(axis=2), last - inside[:, :, ::-1].argmax(axis=2)], axis=2)
        parts = (np.broadcast_to(v, inside.shape) for v in (
            self.whole, self.half, self.more, self.first, self.last))
        *edges, first, last = (np.take_along_axis(v, ends, axis=2) for v in parts)
        rises = [np.diff(v, axis=2)[:, :, 0] for v in edges]
        return (*rises, first[:, :, 1] - last[:, :, 0], last[:, :, 1] - first[:, :, 0],
                np.asarray(inside.any(axis=2)))

    def multipliers(self, shift: int) -> np.ndarray | None:
        """Finds multipliers (multipliers,) for which each row has an offset; None if a channel has
        none."""
        (low, high), left = self._brackets(shift), self.all
        found = np.zeros_like(low)
        while len(left):
            if (low > high).any():
                return None
            found[left] = m = (low + (high - low) // 2)[left]
            slack, gain = self._slack(m, shift, left)
            worst = slack.argmin(axis=1)
            slack, gain = (v[np.arange(len(left)), worst] for v in (slack, gain))
            if ((slack < 0) & (gain == 0)).any():
                return None
            up, down = (slack < 0) & (gain > 0), (slack < 0) & (gain < 0)
            low[left[up]], high[left[down]] = m[up] + 1, m[down] - 1
            left = left[slack < 0]
        return found

    def _brackets(self, shift: int) -> tuple[np.ndarray, np.ndarray]:
        """Between which numbers multipliers are, by the outermost codes that change."""
        *rises, long, short, some = self.spans
        rise = _sums(shift, *rises)
        low = np.where(some, -((-rise - 1) // np.maximum(long, 1)), 0)
        most = min((1 << BITS) - 1, MOST // self.size)
        high = np.where(some & (short > 0), np.minimum((rise - 1) // np.maximum(short, 1), most),
                        most)
        low, high, some = (v.reshape(len(self.all), -1) for v in (low, high, some))
        constant = ~some.any(axis=1)
        return np.maximum(low.max(axis=1), 0), np.where(constant, 0, high.min(axis=1))

    def _slack(self, multiplier: np.ndarray, shift: int, owners: np.ndarray
               ) -> tuple[np.ndarray, np.ndarray]:
        """By how much each row's offset can vary, negative if it cannot be, and how that grows with
        the multiplier: (multipliers, rows)."""
        low, high, *places = self._ends(multiplier, shift, owners)
        channels = np.arange(len(self.first)) if self.shared else owners
        a, b = (v[channels[:, None], np.arange(v.shape[1]), at]
                for v, at in zip((self.first, self.last), places, strict=True))
        slack, gain = (v.reshape(len(owners), -1) for v in (high - low, a - b))
        return slack, gain

    def _ends(self, multiplier: np.ndarray, shift: int, owners: np.ndarray
              ) -> tuple[np.ndarray, ...]:
        """The least and the largest offset of each row, and the codes that ask for it."""
        m = multiplier[:, None, None]
        edges = self.edges(shift)
        low = np.where(self._of(self.need, owners), edges - m * self._of(self.first, owners),
                       -NEVER)
        high = np.where(self._of(self.room, owners), edges - 1 - m * self._of(self.last, owners),
                        NEVER)
        return low.max(axis=2), high.min(axis=2), low.argmax(axis=2), high.argmin(axis=2)

    def offsets(self, multiplier: np.ndarray, shift: int) -> tuple[np.ndarray, np.ndarray]:
        """Computes the least and the largest offset of each row, (channels, rows) each."""
        low, high, *_ = self._ends(multiplier, shift, self.all)
        return low, high


def _sums(shift: int, whole: np.ndarray, half: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Adds ones, halves and units of the last place of sums with ``shift`` bits of fraction."""
    return (whole << shift) + half * (1 << shift >> 1) + more


def _search(steps: Steps, rounding: Rounding) -> Search:
    """Each channel by itself: one row, or for half away from zero the codes above 0 and the rest.

    Codes are 0 or less where the sum is negative: the last of them has room as far as the sum is.
    """
    first, last, codes = steps.first[:, None], steps.last[:, None], steps.codes[None, None]
    need, room = first <= steps.hi[:, None, None], last >= steps.lo[:, None, None]
    half, more = np.zeros_like(codes), np.zeros_like(codes)
    if rounding == Rounding.HALF_EVEN:
        half, more = half - 1, codes % 2
    elif rounding == Rounding.HALF_AWAY:
        above = np.concatenate([codes > 0, codes <= 0], axis=1)
        sign = np.zeros_like(above)
        sign[0, 0, max(int((codes <= 0).sum()) - 1, 0)] = (codes <= 0).any()
        first, last = (np.repeat(v, 2, axis=1) for v in (first, last))
        need, room = need & above, room & (above | sign)
        half, codes = np.where(sign, 0, -1), np.where(sign, 0, codes)
    need, room = (np.broadcast_to(v, first.shape) for v in (need, room))
    return Search(first, last, need, room, codes, half, more, steps.size)


def _made(steps: Steps, rounding: Rounding, multiplier: np.ndarray, shift: int, low: np.ndarray,
          high: np.ndarray) -> Scaled | None:
    """The numbers of all channels, with offsets between the ends that are possible."""
    m = multiplier * np.where(steps.falls, -1, 1)
    if rounding != Rounding.HALF_AWAY:
        return Scaled(m, _between(low[:, 0], high[:, 0]), shift, rounding)
    least = np.where((low[:, 0] > -NEVER) & (high[:, 1] < NEVER), low[:, 0] - high[:, 1], 0)
    most = np.where((high[:, 0] < NEVER) & (low[:, 1] > -NEVER), high[:, 0] - low[:, 1], NEVER)
    least = np.maximum(least, 0)    # otherwise a negative sum could reach code 1
    if (least > most).any():
        return None
    if least.max() <= most.min():
        least, most = np.full_like(least, least.max()), np.full_like(most, most.min())
    away = np.array([_roundest(int(a), int(b)) for a, b in zip(least, most, strict=True)], np.int64)
    lower = np.maximum(low[:, 0], np.where(low[:, 1] > -NEVER, low[:, 1] + away, -NEVER))
    upper = np.minimum(high[:, 0], np.where(high[:, 1] < NEVER, high[:, 1] + away, NEVER))
    return Scaled(m, _between(lower, upper), shift, Rounding.HALF_UP, away)


def _between(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """An end of each interval that is one."""
    return np.where(low > -NEVER, low, np.where(high < NEVER, high, 0))


def _roundest(low: int, high: int) -> int:
    """The integer of an interval with the most zero bits at its end."""
    if low <= 0 <= high:
        return 0
    if high < 0:
        return -_roundest(-high, -low)
    return high >> (zeros := (high ^ low - 1).bit_length() - 1) << zeros

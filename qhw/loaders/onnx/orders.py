"""Orders in which a stream can read a tensor's elements: blocks, a part of each block, nested
loops."""

from dataclasses import dataclass

import numpy as np

from ...hw.streams.reorder import Loop

__all__ = ["Walk", "walk"]

Loops = tuple[Loop, ...]

MOST_OFFSETS = 1 << 12
"""Most steps of a loop without a stride."""


@dataclass(frozen=True)
class Walk:
    """An order of reading: each of ``blocks`` equal blocks is read in the same way.

    Of a block, ``count`` elements from ``first`` on are kept; nested ``loops`` of (count, stride)
    visit them, from the kept element ``start`` on. A loop may have offsets in place of a stride."""

    blocks: int
    first: int
    count: int
    loops: Loops
    start: int = 0

    @property
    def straight(self) -> bool:
        """Whether the elements are read in their order."""
        return self.loops in ((), ((self.count, 1),))


def walk(places: np.ndarray, size: int) -> Walk | None:
    """Finds the order of reading with the smallest blocks, if possible one in which all loops have
    strides; None if its loops have too many offsets.

    Parameters
    ----------
    places : index of each element, in reading order, (n,)
    size : number of elements of the tensor"""
    for tabled in (False, True):
        for blocks in _divisors(int(np.gcd(len(places), size))):
            block = size // blocks
            rows = places.reshape(blocks, -1) - block * np.arange(blocks)[:, None]
            if rows.min() < 0 or rows.max() >= block or (rows != rows[0]).any():
                continue
            first, begin = int(rows[0].min()), int(rows[0][0])
            loops = _loops(rows[0] - begin, tabled=tabled)
            if loops is not None:
                return Walk(blocks, first, int(rows[0].max()) + 1 - first, loops, begin - first)
    return None


def _loops(places: np.ndarray, *, tabled: bool) -> Loops | None:
    """The loops that walk through ``places``, (n,), from 0 on; None if none do.

    Where no loop has a stride, one has offsets if ``tabled``: the shortest that repeats."""
    if len(places) == 1:
        return ()
    steps = np.diff(places)
    stride = int(steps[0])
    changes = np.flatnonzero(steps != stride)
    run = int(changes[0]) + 1 if len(changes) else len(places)
    for count in _divisors(len(places)):
        rows = places.reshape(-1, count)
        if 1 < count <= run and (rows - rows[:, :1] == stride * np.arange(count)).all():
            outer = _loops(rows[:, 0], tabled=tabled)
            return None if outer is None else (*outer, (count, stride))
    for count in reversed(_divisors(len(places)) if tabled else []):
        rows = places.reshape(-1, count)
        if 1 < count <= MOST_OFFSETS and (rows - rows[:, :1] == rows[0]).all():
            outer = _loops(rows[:, 0], tabled=tabled)
            return None if outer is None else (*outer, (count, tuple(rows[0].tolist())))
    return None


def _divisors(n: int) -> list[int]:
    """The divisors of ``n``, the largest first."""
    small = [d for d in range(1, int(n**.5) + 1) if n % d == 0]
    return sorted({*small, *(n // d for d in small)}, reverse=True)

"""Orders in which a stream can read a tensor's elements: blocks, a part of each block, nested
loops."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Walk", "walk"]

Loops = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Walk:
    """An order of reading: each of ``blocks`` equal blocks is read in the same way.

    Of a block, ``count`` elements from ``first`` on are kept; nested ``loops`` of (count, stride)
    visit them."""

    blocks: int
    first: int
    count: int
    loops: Loops

    @property
    def straight(self) -> bool:
        """Whether the elements are read in their order."""
        return self.loops in ((), ((self.count, 1),))


def walk(places: np.ndarray, size: int) -> Walk | None:
    """Finds the order of reading with the smallest blocks; None if there is none.

    Parameters
    ----------
    places : index of each element, in reading order, (n,)
    size : number of elements of the tensor"""
    for blocks in _divisors(int(np.gcd(len(places), size))):
        block = size // blocks
        rows = places.reshape(blocks, -1) - block * np.arange(blocks)[:, None]
        if rows.min() < 0 or rows.max() >= block or (rows != rows[0]).any():
            continue
        first = int(rows[0].min())
        loops = _loops(rows[0] - first)
        if loops is not None:
            return Walk(blocks, first, int(rows[0].max()) + 1 - first, loops)
    return None


def _loops(places: np.ndarray) -> Loops | None:
    """The loops that walk through ``places``, (n,), from 0 on; None if none do."""
    if places[0]:
        return None
    if len(places) == 1:
        return ()
    steps = np.diff(places)
    stride = int(steps[0])
    changes = np.flatnonzero(steps != stride)
    run = int(changes[0]) + 1 if len(changes) else len(places)
    for count in _divisors(len(places)):
        rows = places.reshape(-1, count)
        if 1 < count <= run and (rows - rows[:, :1] == stride * np.arange(count)).all():
            outer = _loops(rows[:, 0])
            return None if outer is None else (*outer, (count, stride))
    return None


def _divisors(n: int) -> list[int]:
    """The divisors of ``n``, the largest first."""
    small = [d for d in range(1, int(n**.5) + 1) if n % d == 0]
    return sorted({*small, *(n // d for d in small)}, reverse=True)

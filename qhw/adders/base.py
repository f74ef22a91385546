"""A sum that all outputs share, where rows resemble each other or each other's negatives.

Where all weights have one size, as in a binary layer, every row takes all inputs. With a base, a
sum of all inputs with a sign each, a row is the base or its negative, and twice the inputs whose
sign is the other: fewer than half."""

import numpy as np

from ..tools.compiled import Ints, njit
from .system import weight

__all__ = ["WORTH", "based"]

WORTH = 0.8
"""Largest fraction of the digits that is left where a base is used."""
FIRST, ROUNDS = 8, 6
"""Rows from whose signs a base is sought, and improvements of each."""


@njit
def _row(row: Ints, base: Ints, step: int) -> tuple[int, int]:
    """Finds how often a row contains the base, of 0, ``step`` and -``step``, and the digits left.
    """
    least, best = 1 << 62, 0
    for times in (0, step, -step):
        left = int(times != 0)
        for i in range(len(row)):
            left += weight(row[i] - times * base[i])
        if left < least:
            least, best = left, times
    return best, least


@njit
def _column(column: Ints, times: Ints) -> int:
    """Finds an input's weight in the base, of 0, 1 and -1, that leaves the fewest digits."""
    least, best = 1 << 62, 0
    for sign in (0, 1, -1):
        left = int(sign != 0)
        for r in range(len(column)):
            left += weight(column[r] - times[r] * sign)
        if left < least:
            least, best = left, sign
    return best


@njit
def _sought(matrix: Ints, step: int) -> tuple[int, Ints, Ints]:
    """Finds a base (inputs,) and how often each row contains it; returns the digits left first."""
    outputs, inputs = matrix.shape
    least, best, best_times = 1 << 62, np.zeros(inputs, np.int64), np.zeros(outputs, np.int64)
    times = np.zeros(outputs, np.int64)
    for first in range(min(FIRST, outputs)):
        base, left = np.sign(matrix[first]), 0
        for _ in range(ROUNDS):
            left = 0
            for r in range(outputs):
                times[r], more = _row(matrix[r], base, step)
                left += more
            if left + np.abs(base).sum() < least:
                least = left + np.abs(base).sum()
                best, best_times = base.copy(), times.copy()
            for i in range(inputs):
                base[i] = _column(matrix[:, i], times)
    return least, best, best_times


def based(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Finds a sum that the rows of a matrix (outputs, inputs) share, if that leaves few digits.

    Returns the base (inputs,), of -1, 0 and 1, and how often each row contains it, (outputs,)."""
    sizes, counts = np.unique(np.abs(matrix[matrix != 0]), return_counts=True)
    if not len(sizes):
        return None
    digits = sum(weight(c) * n for c, n in zip(sizes.tolist(), counts.tolist(), strict=True))
    least, base, times = _sought(matrix, int(sizes[counts.argmax()]))
    return (base, times) if least < WORTH * digits else None

"""Sigmoids and hyperbolic tangents of 16-bit numbers, on lines between the entries of a table.

The table and the roundings are those of TensorFlow Lite's reference kernels; inputs are integers in
steps of 1 / 12288, and results have 15 bits behind the point."""

from functools import cache

import numpy as np

__all__ = ["PART", "STEPS", "lines", "sigmoid", "sums", "tanh"]

STEPS = 3 << 12
"""Steps of the input for the real number 1."""
PART = 9
"""Bits of a sigmoid's input between two entries of the table."""
LAST = 255
"""The entry from which on results are the largest."""
ABOVE = (4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40,
         41, 43, 44, 45, 46, 49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255)
"""Where the kernels' table of sigmoids is one more than the nearest integer."""


@cache
def table() -> np.ndarray:
    """Computes the sigmoid of k / 24 with 16 bits behind the point, (256,)."""
    found = np.rint(65536 / (1 + np.exp(-np.arange(LAST + 1) / 24))).astype(np.int64)
    found[list(ABOVE)] += 1
    return found


@cache
def lines() -> tuple[np.ndarray, np.ndarray]:
    """Returns the value at each entry of the table and its growth to the next one, (256,) each; the
    last entry is the largest value."""
    found = table()
    return np.append(found[:-1], 0xFFFF), np.append(np.diff(found), 0)


def sums(x: np.ndarray, *, logistic: bool) -> np.ndarray:
    """Computes the numbers before the last rounding, half up, at integers of any shape: sigmoids
    with 25 bits behind the point, or hyperbolic tangents with 23."""
    (base, growth), size, bits = lines(), np.abs(x), PART if logistic else PART - 1
    k = np.minimum(size >> bits, LAST)
    found = (base[k] << bits) + (size & (1 << bits) - 1) * growth[k]
    if logistic:
        found = np.where(k == LAST, 0x7FFF << 10, found)
        return np.where(x >= 0, found + 512, (1 << 25) - found + 511)
    found -= 1 << 23
    return np.where(x >= 0, found + 128, 127 - found)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Computes 1 / (1 + exp(-x)) of integers of any shape."""
    return sums(x, logistic=True) >> 10


def tanh(x: np.ndarray) -> np.ndarray:
    """Computes tanh(x) of integers of any shape, as 2 / (1 + exp(-2 x)) - 1."""
    return sums(x, logistic=False) >> 8

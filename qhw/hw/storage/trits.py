"""Five trits in a byte: 3**5 = 243 of 256 values, 1.6 bits a weight."""

import numpy as np

__all__ = ["from_bytes", "to_bytes"]

FIVE = 5
"""Trits in a byte."""


def to_bytes(trits: np.ndarray) -> np.ndarray:
    """Packs rows of -1, 0, 1, (rows, any), into rows of bytes; the first trit is the lowest digit.
    """
    missing = -trits.shape[1] % FIVE
    digits = np.pad(trits.astype(np.int64) + 1, ((0, 0), (0, missing)), constant_values=1)
    return (digits.reshape(len(trits), -1, FIVE) @ 3 ** np.arange(FIVE)).astype(np.uint8)


def from_bytes(packed: np.ndarray, count: int) -> np.ndarray:
    """Unpacks the first ``count`` trits of each row of bytes (rows, any)."""
    digits = packed.astype(np.int64)[:, :, None] // 3 ** np.arange(FIVE) % 3 - 1
    return digits.reshape(len(packed), -1)[:, :count]

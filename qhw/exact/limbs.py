"""A product of up to 86 bits and its shift, in integers of 64 bits."""

import numpy as np

__all__ = ["LIMB", "MOST", "NARROW", "WIDEST", "shifted"]

LIMB = 24
"""Bits of the lower part of a multiplier."""

MOST = 1 << 62 + LIMB
"""Products and sums stay below."""

NARROW = 1 << 62
"""Products and sums below need no parts."""

WIDEST = 1 << 37
"""Integers to multiply stay below."""


def shifted(x: np.ndarray, multiplier: np.ndarray, offset: np.ndarray, shift: int) -> np.ndarray:
    """Computes ``(x * multiplier + offset) >> shift``, int64, where the sum may need 86 bits, or 62
    with a shift of less than ``LIMB``.

    Parameters
    ----------
    x : integers below ``WIDEST``, int64, of any shape
    multiplier, offset : integers that broadcast to ``x``; offsets may be Python's
    shift : bits dropped, at least 0"""
    if shift < LIMB:
        return (x * multiplier + offset.astype(np.int64)) >> shift
    high, low = ([np.asarray(part).astype(np.int64) for part in parts] for parts in zip(
        *((v >> LIMB, v & (1 << LIMB) - 1) for v in (multiplier, offset)), strict=True))
    carry = (x * low[0] + low[1]) >> LIMB
    return (x * high[0] + high[1] + carry) >> (shift - LIMB)

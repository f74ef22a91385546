"""Integers in arrays of floats, in which numpy and BLAS are fastest.

An array of float32 holds integers of magnitudes up to 2**24 exactly, one of float64 up to 2**53. A
sum of such integers is exact in every order of additions if the sum of all magnitudes is not
larger."""

import numpy as np

__all__ = ["HOLDS", "holding", "largest", "whole"]

HOLDS: dict[type[np.number], int] = {np.float32: 1 << 24, np.float64: 1 << 53,
                                      np.int64: (1 << 63) - 1}
"""The largest magnitude up to which a type holds every integer, the fastest type first."""


def holding(most: int) -> type[np.number]:
    """Selects the fastest type that holds all integers of magnitudes up to ``most``; OverflowError
    if none does."""
    for kind, holds in HOLDS.items():
        if most <= holds:
            return kind
    raise OverflowError(f"Integers up to {most} do not fit 64 bits")


def largest(x: np.ndarray) -> int:
    """Computes the largest magnitude in an array of integers of any shape and type; 0 if it is
    empty."""
    return max(int(x.max()), -int(x.min())) if x.size else 0


def whole(x: np.ndarray) -> np.ndarray:
    """Returns integers of any shape and type as int64, without a copy if they are."""
    return x.astype(np.int64, copy=False)

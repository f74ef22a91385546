"""Thresholds of a quantizer behind rising functions in floating point: found by bisection."""

import numpy as np

from ...graph import Op, Tensor
from ...layers import Quantizer
from ...ops import Threshold
from .thresholds import limited

__all__ = ["curved"]


def curved(op: Quantizer, way: list[Op], x: Tensor) -> Threshold:
    """Computes the integers of ``x`` at which the code behind the layers ``way`` changes.

    Each layer of ``way`` is monotone, and the codes of ``op`` count up. ModelError if there are too
    many thresholds."""
    made = op.format
    steps = made.integer
    limited(x.channels, steps.hi - steps.lo + 1)

    def codes(integers: np.ndarray) -> np.ndarray:
        value = x.real(integers)
        for layer in way:
            value = layer.evaluate(value)
        return op.evaluate(value)

    ends = np.broadcast_to(np.array([[x.value.lo], [x.value.hi]]), (2, x.channels))
    first, last = codes(ends)
    falls = last < first
    wanted = np.arange(steps.lo + 1, steps.hi + 1)[:, None]
    low = np.full((len(wanted), x.channels), x.value.lo)
    high = np.full_like(low, x.value.hi + 1)
    while (low < high).any():
        middle = low + (high - low) // 2
        reached = (codes(np.minimum(middle, x.value.hi)) >= wanted) != falls
        high = np.where(reached, middle, high)
        low = np.where(reached, low, np.minimum(middle + 1, high))
    return Threshold(np.sort(low.T), falls, steps.lo, scale=made.scale, zero=made.zero)

"""Ternary weights: 0, +1, -1. A multiplication is a mask and a complement.

Li, Zhang, Liu, "Ternary Weight Networks", 2016 (arXiv 1605.04711): the threshold 0.7 * mean |w|
(eq. 6) and the mean of |w| above it as the scale (eq. 5).
"""

from dataclasses import dataclass

import numpy as np

from ..exact.formats import Power
from ..pe import Element, ShiftAdd
from .scheme import Codes, Scheme, by_row, scales

__all__ = ["TRIT", "Ternary"]

TRIT = Power(1)
"""A code: 0b00 is 0, 0b01 is +1, 0b11 is -1; 0b10 is never written."""


@dataclass(frozen=True)
class Ternary(Scheme):
    """Weights 0, +1 and -1; ``threshold`` is in units of the mean |w|."""

    name = "ternary"
    family = "shift and add"
    multiplier_free = True
    citation = "Li, Zhang, Liu, Ternary Weight Networks, 2016, arXiv 1605.04711"

    threshold: float = 0.7

    def __post_init__(self):
        if not 0 <= self.threshold < 2:
            raise ValueError(f"Threshold must be in 0..2, not {self.threshold!r}")

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Keeps the signs of weights above the threshold; the scale is their mean magnitude."""
        size = by_row(np.abs(w), per_channel)
        on = size > self.threshold * size.mean(axis=1, keepdims=True)
        scale = (size * on).sum(axis=1) / np.maximum(on.sum(axis=1), 1)
        codes = TRIT.encode(np.zeros(w.shape), w < 0, on.reshape(w.shape))
        return Codes(codes.astype(np.uint8), scales(np.where(scale > 0, scale, 1.0), per_channel))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects one term without a shift: a mask and a complement."""
        return ShiftAdd((TRIT,))

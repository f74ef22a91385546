"""Signed integers around 0, as many on both sides, and a scale for each output."""

from dataclasses import dataclass

import numpy as np
from qhw.pe import Multiply
from qhw.schemes import Codes, Scheme

__all__ = ["SymmetricScheme"]


@dataclass(frozen=True)
class SymmetricScheme(Scheme):
    """Weights of ``bits`` bits: integers from -(2**(bits - 1) - 1) to 2**(bits - 1) - 1."""

    name = "symmetric"
    family = "multiplier"
    multiplier_free = False
    citation = "Authors, title, year, arXiv number"

    bits: int = 4

    def __post_init__(self):
        if not 2 <= self.bits <= 8:
            raise ValueError(f"Weights must have 2 to 8 bits, not {self.bits}")

    @property
    def top(self) -> int:
        """The largest integer."""
        return (1 << self.bits - 1) - 1

    def element(self, table: np.ndarray | None = None) -> Multiply:
        """Selects the gates: a code is decoded to its integer, and multiplied."""
        codes = np.arange(1 << self.bits)
        values = codes - (codes >> self.bits - 1 << self.bits)
        return Multiply(np.maximum(values, -self.top))

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Rounds to the nearest integer times the scale, at which the largest weight is the
        largest integer."""
        peak = np.abs(w).max(axis=1) if per_channel else np.abs(w).max()
        scale = np.where(peak > 0, peak, 1.0) / self.top
        integers = np.rint(w / np.reshape(scale, (-1, 1))).astype(int)
        return Codes((integers & (1 << self.bits) - 1).astype(np.uint8), scale)

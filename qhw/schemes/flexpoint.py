"""Block floating point: integers with one exponent for a whole tensor, or for each output.

Koster et al., "Flexpoint: An Adaptive Numerical Format for Efficient Training of Deep Neural
Networks", 2017 (arXiv 1711.02213), section 3: flexN+M has mantissas of N bits and a shared exponent
of M bits.
"""

from dataclasses import dataclass

import numpy as np

from ..pe import Element
from .fixed import integers
from .scheme import Codes, Scheme, by_row, scales

__all__ = ["Flexpoint"]


@dataclass(frozen=True)
class Flexpoint(Scheme):
    """Mantissas of ``bits`` bits; ``headroom`` is the factor by which the largest weight can grow
    before it saturates.

    Exponents are signed integers of ``exponent_bits`` + 1 bits; they saturate."""

    name = "flexpoint"
    family = "multiply"
    citation = "Koster et al., Flexpoint, 2017, arXiv 1711.02213"

    bits: int = 16
    headroom: float = 2.0
    exponent_bits: int = 5

    def __post_init__(self):
        if not 5 <= self.bits <= 16:
            raise ValueError(f"Flexpoint must have 5 to 16 bits, not {self.bits!r}")
        if self.headroom < 1:
            raise ValueError(f"Headroom must be at least 1, not {self.headroom!r}")

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Rounds to steps of a power of two, with headroom above the largest |w| of a row."""
        peak = np.abs(by_row(w, per_channel)).max(1)
        power = np.ceil(np.log2(np.where(peak > 0, peak, 1.0) * self.headroom)) - (self.bits - 1)
        lowest, half = -(1 << self.exponent_bits), 1 << self.bits - 1
        scale = 2.0 ** np.clip(power, lowest, -1 - lowest)
        steps = np.clip(np.rint(w / scale[:, None]), -half, half - 1).astype(np.int64)
        return Codes((steps & 2 * half - 1).astype(np.uint16), scales(scale, per_channel))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects a multiplier."""
        return integers(self.bits)

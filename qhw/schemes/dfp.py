"""Dynamic fixed point: each group of numbers has its own power of two as scale.

Gysel, "Ristretto: Hardware-Oriented Approximation of Convolutional Neural Networks", 2016 (arXiv
1605.06402), section 3.2. The integer length of weights is ceil(log2 max|w| + 1), as in the author's
code; ties are rounded away from zero; large values saturate.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..exact.num import Rounding
from ..pe import Element
from ..tools.typed import computed
from .fixed import integers
from .scheme import Codes, Scheme, by_row, scales

__all__ = ["DynamicFixed"]


@dataclass(frozen=True)
class DynamicFixed(Scheme):
    """Two's complement of ``bits`` bits; ``multiplier`` as in ``fixed``."""

    name = "dfp"
    family = "bit planes, multiply"
    citation = "Gysel, Ristretto, 2016, arXiv 1605.06402"

    bits: int = 8
    multiplier: Literal["auto", "dsp", "logic"] = "auto"

    def __post_init__(self):
        if not 2 <= self.bits <= 16:
            raise ValueError(f"Dynamic fixed point must have 2 to 16 bits, not {self.bits!r}")

    @computed
    def multiplier_free(self):
        """Whether products are sums of masked shifts rather than multiplications."""
        return self.multiplier == "logic" or self.multiplier == "auto" and self.bits < 5

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Rounds to steps of a power of two, sized for the largest |w| of a row."""
        peak = np.abs(by_row(w, per_channel)).max(1)
        length = np.ceil(np.log2(np.where(peak > 0, peak, 1.0)) + 1)
        scale = 2.0 ** (length - self.bits)
        half = 1 << self.bits - 1
        steps = np.clip(Rounding.HALF_AWAY.real(w / scale[:, None]), -half, half - 1)
        codes = steps.astype(np.int64) & 2 * half - 1
        return Codes(codes.astype(np.uint16 if self.bits > 8 else np.uint8),
                     scales(scale, per_channel))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects planes of two's complement bits, or a multiplier."""
        return integers(self.bits, multiplier=self.multiplier)

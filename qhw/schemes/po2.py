"""Integer powers of two without a zero: one shift for each weight; the scale is a power of two.

Gysel, "Ristretto: Hardware-Oriented Approximation of Convolutional Neural Networks", 2016 (arXiv
1605.06402), section 3.4."""

from dataclasses import dataclass

import numpy as np

from ..exact.formats import Power
from ..pe import ShiftAdd
from .scheme import Codes, Scheme, scales

__all__ = ["PowersOfTwo"]


@dataclass(frozen=True)
class PowersOfTwo(Scheme):
    """Weights +-2**e, e from ``lowest`` to ``highest`` and nearest to log2 |w|; 0 becomes
    +2**lowest."""

    name = "po2"
    family = "shift and add"
    multiplier_free = True
    citation = "Gysel, Ristretto, 2016, arXiv 1605.06402"

    lowest: int = -8
    highest: int = -1

    def __post_init__(self):
        if not 0 <= self.highest - self.lowest < 16:
            raise ValueError(f"Exponents must be 1 to 16, not {self.lowest}..{self.highest}")

    def element(self, table: np.ndarray | None = None) -> ShiftAdd:
        """Selects one shifted term without a zero."""
        return ShiftAdd((Power(self.highest - self.lowest + 1, zero=False),))

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Rounds log2 |w| to the nearest exponent in range."""
        mantissa, exponent = np.frexp(np.abs(w))
        nearest = np.where(w == 0, self.lowest, exponent - 1 + (mantissa > np.sqrt(0.5)))
        up = np.clip(nearest, self.lowest, self.highest) - self.lowest
        codes = self.element().terms[0].encode(up, w < 0, np.ones(w.shape, bool))
        return Codes(codes.astype(np.uint8),
                     scales(np.full(len(w), 2.0**self.lowest), per_channel))

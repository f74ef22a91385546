"""Fixed-point weights of 2 to 16 bits: integers times one scale.

Lin et al., "Fixed Point Quantization of Deep Convolutional Networks", 2016 (arXiv 1511.06393), for
uniform symmetric weights; here the scale makes the largest |w| the largest code, as in symmetric
per-channel quantization (Krishnamoorthi, arXiv 1806.08342, section 2.3)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..pe import BitPlanes, Element, Multiply
from ..tools.typed import computed
from .scheme import Codes, Scheme, by_row, scales

__all__ = ["Fixed", "integers"]

WIDE = 5
"""Fewest bits at which ``auto`` multiplies, in a DSP block if the chip has them; narrower weights
use sums of masked shifts."""


@dataclass(frozen=True)
class Fixed(Scheme):
    """Two's complement of ``bits`` bits; ``narrow`` never uses the lowest code.

    ``multiplier`` is ``"dsp"``, ``"logic"``, or ``"auto"``: logic below 5 bits.
    """

    name = "fixed"
    family = "bit planes, multiply"
    citation = "Lin et al., Fixed Point Quantization, 2016, arXiv 1511.06393"

    bits: int = 4
    narrow: bool = True
    multiplier: Literal["auto", "dsp", "logic"] = "auto"

    def __post_init__(self):
        if not 2 <= self.bits <= 16:
            raise ValueError(f"Fixed point must have 2 to 16 bits, not {self.bits!r}")
        if self.multiplier not in ("auto", "dsp", "logic"):
            raise ValueError(f"Multiplier must be auto, dsp or logic, not {self.multiplier!r}")

    @computed
    def multiplier_free(self):
        """Whether products are sums of masked shifts rather than multiplications."""
        return isinstance(self.element(), BitPlanes)

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Scales the largest |w| of a row to the largest code; ties round to even."""
        peak = np.abs(by_row(w, per_channel)).max(axis=1)
        scale = np.where(peak > 0, peak, 1.0) / ((1 << self.bits - 1) - 1)
        codes = np.rint(w / scale[:, None]).astype(np.int64) & (1 << self.bits) - 1
        return Codes(codes.astype(np.uint16), scales(scale, per_channel))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects planes of two's complement bits, or a multiplier."""
        return integers(self.bits, narrow=self.narrow, multiplier=self.multiplier)


def integers(bits: int, *, narrow: bool = False, multiplier: str = "auto") -> BitPlanes | Multiply:
    """Selects the gates for two's complement weights.

    Parameters
    ----------
    bits : bits of a weight
    narrow : whether the lowest code is never used
    multiplier : ``"dsp"``, ``"logic"``, or ``"auto"``
    """
    planes = BitPlanes(bits, "twos", narrow)
    if multiplier == "logic" or multiplier == "auto" and bits < WIDE:
        return planes
    codes = np.arange(1 << bits)
    return Multiply((codes ^ 1 << bits - 1) - (1 << bits - 1), np.isin(codes, planes.codes))

"""DoReFa-Net's weights: k bits of a squashed tanh, on uniform levels between -1 and 1.

Zhou et al., "DoReFa-Net: Training Low Bitwidth Convolutional Neural Networks with Low Bitwidth
Gradients", 2016 (arXiv 1606.06160), eq. 9.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..pe import BitPlanes, Element
from .balanced import odd
from .scheme import Codes, Scheme, by_row, scales

__all__ = ["DoReFa"]


@dataclass(frozen=True)
class DoReFa(Scheme):
    """``scale`` "unit" puts the outer levels at -1 and 1 as in the paper, for networks trained that
    way; "fit" takes the scale of the least squared error."""

    name = "dorefa"
    family = "bit planes"
    multiplier_free = True
    citation = "Zhou et al., DoReFa-Net, 2016, arXiv 1606.06160"

    bits: int = 2
    scale: Literal["fit", "unit"] = "fit"

    def __post_init__(self):
        if not 1 <= self.bits <= 8:
            raise ValueError(f"There must be 1 to 8 bits, not {self.bits!r}")
        if self.scale not in ("fit", "unit"):
            raise ValueError(f"Scale must be fit or unit, not {self.scale!r}")

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Squashes weights by tanh and rounds them to 2**bits uniform levels."""
        rows = by_row(w, per_channel)
        squashed = np.tanh(rows)
        peak = np.abs(squashed).max(1, keepdims=True)
        top = (1 << self.bits) - 1
        codes = np.rint(top * (squashed / np.where(peak > 0, 2 * peak, 1.0) + 0.5)).astype(np.int64)
        level = odd(codes, self.bits)
        scale = np.full(len(rows), 1 / top)
        if self.scale == "fit":
            fit = (rows * level).sum(1) / (level**2).sum(1)
            scale = np.where(fit > 0, fit, scale)
        return Codes(codes.reshape(w.shape).astype(np.uint8), scales(scale, per_channel))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects ``bits`` planes of signs."""
        return BitPlanes(self.bits)

"""Affine 8 bit: unsigned codes with a zero point, real = scale * (code - zero).

Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
Inference", 2017 (arXiv 1712.05877), section 2.1; code 0 is not used, so that a product of signed
bytes never is -128 * -128 (section 3.1). Layers decide how sums are requantized."""

from dataclasses import dataclass

import numpy as np

from ..exact.num import Rounding
from ..pe import Element, Multiply
from .scheme import Codes, Scheme

__all__ = ["Affine8"]


@dataclass(frozen=True)
class Affine8(Scheme):
    """Codes 1 to 255; the table holds the layer's zero point."""

    name = "affine"
    family = "multiply"
    citation = "Jacob et al., Integer-Arithmetic-Only Inference, 2017, arXiv 1712.05877"

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Maps [min(w, 0), max(w, 0)] to codes 1..255, so that 0 is exact; ties round away from
        zero."""
        lo, hi = min(float(w.min()), 0.0), max(float(w.max()), 0.0)
        scale = (hi - lo) / 254 or 1.0
        zero = 1 + int(Rounding.HALF_AWAY.real(np.array(-lo / scale)))
        codes = np.clip(Rounding.HALF_AWAY.real(w / scale) + zero, 1, 255)
        return Codes(codes.astype(np.uint8), np.full(len(w), scale) if per_channel else
                     np.array(scale), np.array([zero]))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects a multiplier behind the subtraction of the zero point."""
        zero = 128 if table is None else int(table[0])
        return Multiply(np.arange(256) - zero, np.arange(256) > 0)

    def tables(self, codes: np.ndarray) -> list[tuple[int, ...]]:
        """Returns the shape of the table: one entry, the zero point."""
        return [(1,)]

"""Balanced quantization: every level represents the same number of weights.

Zhou et al., "Balanced Quantization: An Effective and Efficient Approach to Quantized Neural
Networks", 2017 (arXiv 1706.07145), section 3: weights are split at their median, each half again at
its own median, to ``bits`` splits (or at means, which is cheaper); the bins become uniform levels.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..pe import BitPlanes, Element
from .scheme import Codes, Scheme, by_row, scales

__all__ = ["Balanced", "odd"]


@dataclass(frozen=True)
class Balanced(Scheme):
    """Levels are the odd integers 2 q - (2**bits - 1); the scale has the least squared error."""

    name = "balanced"
    family = "bit planes"
    multiplier_free = True
    citation = "Zhou et al., Balanced Quantization, 2017, arXiv 1706.07145"

    bits: int = 2
    split: Literal["median", "mean"] = "median"

    def __post_init__(self):
        if not 1 <= self.bits <= 8:
            raise ValueError(f"There must be 1 to 8 bits, not {self.bits!r}")
        if self.split not in ("median", "mean"):
            raise ValueError(f"Split must be median or mean, not {self.split!r}")

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Ranks the weights into 2**bits bins of equal size, then fits the scale."""
        rows = by_row(w, per_channel)
        codes = self._by_rank(rows) if self.split == "median" else np.array(
            [self._by_mean(row) for row in rows])
        level = odd(codes, self.bits)
        scale = np.maximum((rows * level).sum(1), 0) / (level**2).sum(1)
        return Codes(codes.reshape(w.shape).astype(np.uint8),
                     scales(np.where(scale > 0, scale, 1.0), per_channel))

    def _by_rank(self, rows: np.ndarray) -> np.ndarray:
        rank = np.argsort(np.argsort(rows, axis=1, kind="stable"), axis=1, kind="stable")
        return (rank << self.bits) // rows.shape[1]

    def _by_mean(self, row: np.ndarray) -> np.ndarray:
        codes = np.zeros(len(row), np.int64)
        for _ in range(self.bits):
            upper = np.zeros(len(row), bool)
            for code in np.unique(codes):
                members = codes == code
                upper |= members & (row > row[members].mean())
            codes = 2 * codes + upper
        return codes

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects ``bits`` planes of signs."""
        return BitPlanes(self.bits)


def odd(codes: np.ndarray, bits: int) -> np.ndarray:
    """Decodes codes of ``bits`` planes of signs, of any shape, to odd integers."""
    return 2 * codes.astype(np.int64) - ((1 << bits) - 1)

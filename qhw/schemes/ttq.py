"""Trained ternary quantization: 0, +Wp and -Wn, with two learned scales.

Zhu et al., "Trained Ternary Quantization", 2016 (arXiv 1612.01064), section 3: the threshold is a
fraction of the largest |w|; before training, Wp and Wn are the mean magnitudes of their weights.
The inputs of positive and of negative weights are summed separately; each sum is multiplied once
for each output."""

from dataclasses import dataclass

import numpy as np

from ..pe import Bins, Element
from .scheme import Codes, Scheme, by_row, scales, to_integers
from .ternary import TRIT

__all__ = ["Ttq"]


@dataclass(frozen=True)
class Ttq(Scheme):
    """Weights 0, +Wp and -Wn; ``threshold`` is a fraction of the largest |w|.

    The table holds Wp and -Wn as signed integers of ``entry_bits`` bits, one pair for all outputs
    or one for each output."""

    name = "ttq"
    family = "gather"
    citation = "Zhu et al., Trained Ternary Quantization, 2016, arXiv 1612.01064"

    threshold: float = 0.05
    entry_bits: int = 8

    def __post_init__(self):
        if not 0 <= self.threshold < 1:
            raise ValueError(f"Threshold must be in 0..1, not {self.threshold!r}")

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Splits weights at the threshold; Wp and Wn are the mean magnitudes of their weights."""
        rows = by_row(w, per_channel)
        cut = self.threshold * np.abs(rows).max(1, keepdims=True)
        up, down = rows > cut, rows < -cut
        means = [(np.abs(rows) * on).sum(1) / np.maximum(on.sum(1), 1) for on in (up, down)]
        codes = TRIT.encode(np.zeros(rows.shape), down, up | down).reshape(w.shape)
        table, scale = to_integers(np.stack(means, 1) * [1, -1], self.entry_bits)
        return Codes(codes.astype(np.uint8), scales(scale, per_channel), scales(table, per_channel))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects two bins, one for each sign."""
        return Bins(2, (1, 3), (0,))

    def factors(self, outputs: int, table: np.ndarray | None = None) -> np.ndarray:
        """Returns Wp and -Wn, (outputs, 2)."""
        assert table is not None
        return np.broadcast_to(table, (outputs, 2))

    def tables(self, codes: np.ndarray) -> list[tuple[int, ...]]:
        """Returns the shapes of the table: one pair, or one pair for each output."""
        return [(2,), (len(codes), 2)]

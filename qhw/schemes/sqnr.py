"""Fixed point with the step of the best signal to noise ratio for Gaussian weights.

Lin, Talathi, Annapureddy, "Fixed Point Quantization of Deep Convolutional Networks", 2016 (arXiv
1511.06393), sections 3 and 4: Max's optimal uniform quantizer gives the step in units of the
standard deviation (IRE Trans. Inf. Theory 6, 1960); it is rounded to a power of two so that the
scale is a shift.
"""

from dataclasses import dataclass

import numpy as np

from ..pe import Element
from ..tools.typed import computed
from .fixed import integers
from .scheme import Codes, Scheme, by_row, scales

__all__ = ["STEPS", "Sqnr", "allocate"]

STEPS = {1: 1.596, 2: 0.996, 3: 0.586, 4: 0.335, 5: 0.1881, 6: 0.1041, 7: 0.0569, 8: 0.0308}
"""Optimal step in standard deviations, by bits."""

DECIBELS = {1: 4.40, 2: 9.25, 3: 14.27, 4: 19.38, 5: 24.57, 6: 29.83, 7: 35.17, 8: 40.57}
"""Signal to noise ratio at the optimal step in dB, by bits."""


@dataclass(frozen=True)
class Sqnr(Scheme):
    """Two's complement of ``bits`` bits, ``fraction`` of them after the binary point (None: those
    of the optimal step)."""

    name = "sqnr"
    family = "bit planes, multiply"
    citation = "Lin et al., Fixed Point Quantization, 2016, arXiv 1511.06393"

    bits: int = 4
    fraction: int | None = None

    def __post_init__(self):
        if not 2 <= self.bits <= 8:
            raise ValueError(f"There must be 2 to 8 bits, not {self.bits!r}")

    @computed
    def multiplier_free(self):
        """Whether products are sums of masked shifts rather than multiplications."""
        return self.bits < 5

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Rounds to the step that is optimal for a Gaussian, rounded up to a power of two."""
        rows = by_row(w, per_channel)
        if self.fraction is None:
            spread = np.sqrt(np.square(rows).mean(1))
            fraction = -np.ceil(np.log2(STEPS[self.bits] * np.where(spread > 0, spread, 1.0)))
        else:
            fraction = np.full(len(rows), float(self.fraction))
        half = 1 << self.bits - 1
        steps = np.clip(np.rint(w * 2.0 ** fraction[:, None]), -half, half - 1).astype(np.int64)
        return Codes((steps & 2 * half - 1).astype(np.uint8), scales(2.0**-fraction, per_channel))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects planes of two's complement bits, or a multiplier."""
        return integers(self.bits)


def allocate(sizes: list[int], mean_bits: float) -> list[int]:
    """Allocates bits to layers at a mean of ``mean_bits`` bits a weight; ``sizes`` are weights a
    layer.

    A larger layer gets fewer bits: beta_i - beta_j = 10 log10(size_j / size_i) / kappa (section
    4.2), where kappa is the gain of one bit in dB.
    """
    kappa = (DECIBELS[8] - DECIBELS[2]) / 6
    offset = -10 * np.log10(np.array(sizes)) / kappa
    base = mean_bits - np.average(offset, weights=sizes)
    return np.clip(np.rint(base + offset), 2, 8).astype(int).tolist()

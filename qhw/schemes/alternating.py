"""Alternating multi-bit quantization: scales and signs of several planes improved by turns.

Xu et al., "Alternating Multi-bit Quantization for Recurrent Neural Networks", 2018
(arXiv 1802.00150), algorithm 2: scales by least squares, then each weight's signs are those of the
nearest of the sums that the scales make; two rounds from the greedy start.
"""

from dataclasses import dataclass

import numpy as np

from ..pe import BitPlanes
from .scheme import Scheme, by_row
from .sketch import least_squares, sketched, to_codes

__all__ = ["Alternating", "alternated"]


@dataclass(frozen=True)
class Alternating(Scheme):
    """``planes`` of signs; the table holds their scales, integers of ``entry_bits`` bits."""

    name = "alternating"
    family = "bit planes"
    citation = "Xu et al., Alternating Multi-bit Quantization, 2018, arXiv 1802.00150"

    planes: int = 2
    rounds: int = 2
    entry_bits: int = 8

    def __post_init__(self):
        if not 1 <= self.planes <= 4:
            raise ValueError(f"There must be 1 to 4 planes, not {self.planes!r}")

    def quantize(self, w, *, per_channel=True):
        scale, signs = alternated(by_row(w, per_channel), self.planes, self.rounds)
        return to_codes(w, scale, signs, self.entry_bits, per_channel)

    def element(self, table=None):
        return BitPlanes(self.planes, export="weights")

    def factors(self, outputs, table=None):
        assert table is not None
        return np.broadcast_to(table, (outputs, self.planes))

    def tables(self, codes):
        return [(self.planes,), (len(codes), self.planes)]


def alternated(w: np.ndarray, planes: int, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Scales (rows, planes) and signs (rows, planes, any) of rows of real numbers."""
    scale, signs = sketched(w, planes, "direct")
    every = 2.0 * (np.arange(1 << planes)[:, None] >> np.arange(planes) & 1) - 1
    for _ in range(rounds):
        scale = least_squares(w, signs)
        nearest = np.abs(w[:, :, None] - (scale @ every.T)[:, None]).argmin(2)
        signs = every[nearest].swapaxes(1, 2)
    return scale, signs

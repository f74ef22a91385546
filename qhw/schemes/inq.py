"""Incremental network quantization: 0 and powers of two of either sign, one shift a weight.

Zhou et al., "Incremental Network Quantization: Towards Lossless CNNs with Low-Precision Weights",
2017 (arXiv 1702.03044), eq. 2 to 4. The incremental training is in ``qhw.train``.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..exact.formats import Power
from ..pe import ShiftAdd
from .scheme import Codes, Scheme, by_row, scales
from .shiftcnn import nearest_power

__all__ = ["Inq"]


@dataclass(frozen=True)
class Inq(Scheme):
    """``bits``: one for zero, one for the sign, the others for 2**(bits - 2) powers.

    A weight midway between two levels goes ``up`` (the paper) or ``down`` (its Caffe code).
    """

    name = "inq"
    family = "shift and add"
    multiplier_free = True
    citation = "Zhou et al., Incremental Network Quantization, 2017, arXiv 1702.03044"

    bits: int = 5
    ties: Literal["up", "down"] = "up"

    def __post_init__(self):
        if not 2 <= self.bits <= 5:
            raise ValueError(f"INQ must have 2 to 5 bits, not {self.bits!r}")
        if self.ties not in ("up", "down"):
            raise ValueError(f"Ties must go up or down, not {self.ties!r}")

    @property
    def powers(self) -> int:
        """Number of magnitudes without 0."""
        return 1 << self.bits - 2

    def element(self, table: np.ndarray | None = None) -> ShiftAdd:
        """Selects one shifted term."""
        return ShiftAdd((Power(self.powers),))

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Rounds to the nearest power, of those from the largest that fits the row's largest |w|
        down."""
        peak = np.abs(by_row(w, per_channel)).max(1)
        largest = np.frexp(np.where(peak > 0, peak, 1.0) * 4 / 3)[1] - 1
        smallest = largest + 1 - self.powers
        scale = 2.0 ** smallest
        size = np.abs(w) / scale[:, None]
        up = np.clip(nearest_power(size, tie_up=self.ties == "up"), 0, self.powers - 1)
        on = size >= 0.5 if self.ties == "up" else size > 0.5
        codes = self.element().terms[0].encode(up, w < 0, on)
        return Codes(codes.astype(np.uint8), scales(scale, per_channel))

"""ShiftCNN: a weight is a sum of N powers of two of either sign; no retraining.

Gudovskiy and Rigazio, "ShiftCNN: Generalized Low-Precision Architecture for Inference of
Convolutional Neural Networks", 2017 (arXiv 1706.02393), section 2, and the authors' script. The
codebook of term n is 0 and +-2**e for e from -n + 1 down, 2**(B - 1) - 1 powers.
"""

from dataclasses import dataclass

import numpy as np

from ..exact.formats import Power
from ..pe import ShiftAdd
from .scheme import Codes, Scheme, by_row, scales

__all__ = ["ShiftCnn"]


@dataclass(frozen=True)
class ShiftCnn(Scheme):
    """A weight is the sum of ``terms`` (N) powers of two of ``bits`` (B) bits each.

    A term's code is the authors' index, 0 for zero and 1 for the largest power, below its sign.
    ``expand`` shifts each activation once for all outputs (the ShiftALU's precomputed tensor).
    ``po2_scale`` rounds the scale up to a power of two.
    """

    name = "shiftcnn"
    family = "shift and add"
    multiplier_free = True
    citation = "Gudovskiy, Rigazio, ShiftCNN, 2017, arXiv 1706.02393"

    terms: int = 2
    bits: int = 4
    expand: bool = False
    po2_scale: bool = False

    def __post_init__(self):
        if not 1 <= self.terms <= 4:
            raise ValueError(f"ShiftCNN must have 1 to 4 terms, not {self.terms!r}")
        if not 2 <= self.bits <= 4:
            raise ValueError(f"A term must have 2 to 4 bits, not {self.bits!r}")

    @property
    def powers(self) -> int:
        """Number of magnitudes of a term without 0."""
        return (1 << self.bits - 1) - 1

    @property
    def fraction(self) -> int:
        """Fraction bits: the integers count steps of 2**-fraction of the largest weight."""
        return self.powers + self.terms - 2

    def element(self, table: np.ndarray | None = None) -> ShiftAdd:
        """Selects ``terms`` shifted terms, shared by all outputs with ``expand``."""
        return ShiftAdd(tuple(Power(self.powers, self.terms - n)
                              for n in range(1, self.terms + 1)), self.expand)

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Subtracts the nearest power from each weight, once for each term."""
        peak = np.abs(by_row(w, per_channel)).max(1)
        peak = np.where(peak > 0, peak, 1.0)
        if self.po2_scale:
            peak = 2.0 ** np.ceil(np.log2(peak))
        codes = np.zeros(w.shape, np.int64)
        rest = w / peak[:, None]
        for n, term in enumerate(self.element().terms, 1):
            exponent = nearest_power(np.abs(rest))
            index = np.maximum(2 - n - exponent, 1)
            on = (rest != 0) & (index <= self.powers)
            code = term.encode(self.powers - index + term.offset, rest < 0, on)
            codes |= code << (n - 1) * self.bits
            rest = rest - term.decode(code) / 2.0**self.fraction
        return Codes(codes.astype(np.min_scalar_type(1 << self.code_bits)),
                     scales(peak / 2.0**self.fraction, per_channel))


def nearest_power(size: np.ndarray, *, tie_up: bool = False) -> np.ndarray:
    """Computes the exponent of the power of two nearest to ``size``, of any shape; 0 for 0."""
    mantissa, exponent = np.frexp(size)
    return exponent - 1 + ((mantissa >= 0.75) if tie_up else (mantissa > 0.75))

"""Activations around 0, which take the place of a relu: signs, ternary neurons, residual planes.

Their scales are those of their papers, whatever the calibration method. XNOR-Net (Rastegari et
al., arXiv 1603.05279, section 3.1): the mean magnitude. Ternary weight networks (Li et al., arXiv
1605.04711, section 2.2), whose threshold is 0.7 of the mean magnitude. HORQ (Li et al., arXiv
1708.08687, section 3): the mean magnitudes of the residuals."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from ..calibration import Histogram, Method
from .activation import Activation, between, rounded

if TYPE_CHECKING:
    from ...layers import Quantizer, Sign, Ternarize

__all__ = ["Planes", "Signs", "Trits"]

THRESHOLD = 0.7
"""The threshold of a trit, relative to the mean magnitude."""
LEAST, MORE = 4, Fraction(5, 4)
"""A plane's scale is at least this part of the one before, and this times those behind together, so
that all levels differ when they are rounded."""


@dataclass(frozen=True)
class Signs(Activation):
    """+scale or -scale."""

    name = "sign"
    citation = "Rastegari et al., XNOR-Net, 2016, arXiv 1603.05279"
    about = "the sign times the mean magnitude; in place of a relu"
    signed = bipolar = True

    @property
    def code_bits(self) -> int:
        return 1

    def quantizer(self, lo: float, hi: float) -> "Sign":
        from ...layers import Sign
        return Sign(rounded(max(hi, -lo)))

    def fit(self, seen: Histogram, method: Method) -> "Quantizer":
        mean = _mean(np.abs(seen.values), seen.counts)
        return self.quantizer(-mean, mean)


@dataclass(frozen=True)
class Trits(Activation):
    """+scale, 0 or -scale."""

    name = "ternary"
    citation = "Alemdar et al., TNN, 2017, arXiv 1609.00222"
    about = "the sign times a scale, or 0 for small numbers; in place of a relu"
    signed = bipolar = True

    @property
    def code_bits(self) -> int:
        return 2

    def quantizer(self, lo: float, hi: float) -> "Ternarize":
        peak = max(hi, -lo)
        return self._made(peak / 2, peak)

    def fit(self, seen: Histogram, method: Method) -> "Quantizer":
        sizes = np.abs(seen.values)
        threshold = THRESHOLD * _mean(sizes, seen.counts)
        large = sizes > threshold
        return self._made(threshold, _mean(sizes[large], seen.counts[large]))

    def _made(self, threshold: float, scale: float) -> "Ternarize":
        from ...layers import Ternarize
        return Ternarize(np.array([threshold]), np.array([-threshold]), rounded(scale))


@dataclass(frozen=True)
class Planes(Activation):
    """The sum of ``planes`` signs with constant scales."""

    name = "residual"
    citation = "Li et al., HORQ, 2017, arXiv 1708.08687"
    about = "signs of the residuals times their mean magnitudes; in place of a relu"
    signed = bipolar = True

    planes: int = 2

    def __post_init__(self):
        between("planes", self.planes, 1, 4)

    @property
    def code_bits(self) -> int:
        return self.planes

    def quantizer(self, lo: float, hi: float) -> "Quantizer":
        from ...layers.levels import residual
        first = max(hi, -lo) / 2
        return residual([rounded(first / 2 ** k) for k in range(self.planes)])

    def fit(self, seen: Histogram, method: Method) -> "Quantizer":
        from ...layers.levels import residual
        rest, scales = seen.values, list[Fraction]()
        for _ in range(self.planes):
            least = scales[-1] / LEAST if scales else Fraction(0)
            scales.append(max(rounded(_mean(np.abs(rest), seen.counts)), least))
            rest = rest - np.where(rest >= 0, 1, -1) * float(scales[-1])
        for k in reversed(range(self.planes - 1)):      # outliers make a residual large
            scales[k] = max(scales[k], MORE * sum(scales[k + 1:], Fraction(0)))
        return residual(scales)


def _mean(values: np.ndarray, counts: np.ndarray) -> float:
    return float(np.average(values, weights=counts)) if counts.sum() else 0.0

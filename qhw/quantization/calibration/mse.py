"""The interval whose quantizer has the least mean squared error on the samples.

Banner, Nahshan, Soudry, "Post Training 4-bit Quantization of Convolutional Networks for
Rapid-Deployment", 2019 (arXiv 1810.05723), clip where the squared error is least; here the error
is that of the quantizer itself, so any format has an interval."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .histogram import Histogram
from .method import Family, Method

if TYPE_CHECKING:
    from ...layers import Quantizer

__all__ = ["MeanSquare", "error"]

COARSE = np.linspace(0.01, 1, 100)
"""Shares of the whole range that are tried first."""
FINE = np.linspace(-0.01, 0.01, 21)
"""Shares around the best of them that are tried next."""


@dataclass(frozen=True)
class MeanSquare(Method):
    """The range times the share at which the squared error is least."""

    name = "mse"
    citation = "Banner et al., Post Training 4-bit Quantization, 2019, arXiv 1810.05723"
    about = "the least mean squared error"

    def interval(self, seen: Histogram, family: Family) -> tuple[float, float]:
        def loss(share: float) -> float:
            return error(seen, family.quantizer(share * seen.lo, share * seen.hi))

        best: float = min(COARSE.tolist(), key=loss)
        best = min([best + s for s in FINE.tolist() if 0 < best + s <= 1], key=loss)
        return best * seen.lo, best * seen.hi


def error(seen: Histogram, quantizer: "Quantizer") -> float:
    """Computes the mean squared error of a quantizer on samples, in squared units of them."""
    values = seen.values
    lost = quantizer.format.real(quantizer.evaluate(values)) - values
    return float(np.average(np.square(lost), weights=seen.counts))

"""The interval of the best signal to quantization noise ratio for a distribution's shape.

Lin, Talathi, Annapureddy, "Fixed Point Quantization of Deep Convolutional Networks", 2016 (arXiv
1511.06393), section 3: the step is a constant for the number of levels and the distribution, times
the standard deviation. The constants are those of Max's uniform quantizer (IRE Trans. Inf. Theory
6, 1960), computed here from the distributions' moments."""

from dataclasses import dataclass
from functools import lru_cache
from math import erfc, exp, pi, sqrt
from typing import Literal

from .histogram import Histogram
from .method import Family, Method

__all__ = ["Sqnr", "step"]

Shape = Literal["gaussian", "laplace"]
GOLDEN = (sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Sqnr(Method):
    """Steps for numbers that are ``shape``: gaussian or laplace, or such numbers behind a relu."""

    name = "sqnr"
    citation = "Lin et al., Fixed Point Quantization, 2016, arXiv 1511.06393"
    about = "the best signal to noise ratio for a distribution's shape"

    shape: Shape = "gaussian"

    def __post_init__(self):
        if self.shape not in ("gaussian", "laplace"):
            raise ValueError(f"The shape should be gaussian or laplace, not {self.shape}")

    def interval(self, seen: Histogram, family: Family) -> tuple[float, float]:
        """Computes the interval; behind a relu the numbers are one half of the distribution, and
        the other half is 0."""
        if not family.uniform:
            raise ValueError("sqnr is for even steps; use mse")
        if family.signed or seen.lo >= 0:
            spread = sqrt(seen.mean_square * (1 if seen.lo < 0 else 2))
            hi = spread * step(2 * (family.top + 1), self.shape) * family.top
            return (-hi if family.signed else 0.0), hi
        spread = sqrt(max(seen.mean_square - seen.mean ** 2, 0))
        reach = spread * step(family.top + 1, self.shape) * family.top / 2
        return min(seen.mean - reach, 0.0), max(seen.mean + reach, 0.0)


@lru_cache
def step(levels: int, shape: Shape = "gaussian") -> float:
    """Computes the optimal step of a uniform quantizer in standard deviations.

    ``levels``, an even number, are symmetric to 0 and half a step from it."""
    lo, hi = 0.0, 8 / sqrt(levels)
    while hi - lo > 1e-9:
        a, b = hi - GOLDEN * (hi - lo), lo + GOLDEN * (hi - lo)
        if _noise(a, levels, shape) < _noise(b, levels, shape):
            hi = b
        else:
            lo = a
    return (lo + hi) / 2


def _noise(width: float, levels: int, shape: Shape) -> float:
    """The mean squared error at a step, relative to the variance."""
    above = _gaussian if shape == "gaussian" else _laplace
    edges = [above(k * width) for k in range(levels // 2)] + [(0.0, 0.0, 0.0)]
    total = 0.0
    for k in range(levels // 2):
        zeroth, first, second = (a - b for a, b in zip(edges[k], edges[k + 1], strict=True))
        level = (k + 0.5) * width
        total += second - 2 * level * first + level ** 2 * zeroth
    return 2 * total


def _gaussian(a: float) -> tuple[float, float, float]:
    """The moments above ``a`` of the normal distribution: of order 0, 1 and 2."""
    tail, density = erfc(a / sqrt(2)) / 2, exp(-a * a / 2) / sqrt(2 * pi)
    return tail, density, tail + a * density


def _laplace(a: float) -> tuple[float, float, float]:
    """The moments above ``a`` of the Laplace distribution of variance 1."""
    tail = exp(-sqrt(2) * a) / 2
    return tail, tail * (a + 1 / sqrt(2)), tail * (a * a + sqrt(2) * a + 1)

"""Activations whose levels are not of this package's own steps: half-wave Gaussian, logarithmic,
and small floats.

Cai et al., HWGQ (arXiv 1702.00953); Hubara et al., QNN (arXiv 1609.07061); Gysel, Ristretto (arXiv
1605.06402)."""

from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING

from .activation import Activation, between, rounded

if TYPE_CHECKING:
    from ...layers.levels import Levels

__all__ = ["HalfWave", "Log", "MiniFloat"]


@dataclass(frozen=True)
class HalfWave(Activation):
    """0 for negative numbers, and even steps above; ties go down."""

    name = "hwgq"
    citation = "Cai et al., HWGQ, 2017, arXiv 1702.00953"
    about = "0 below 0, even steps above; the highest is where the method clips"
    uniform = True

    bits: int = 2

    def __post_init__(self):
        between("bits", self.bits, 1, 8)

    @property
    def code_bits(self) -> int:
        return self.bits

    def quantizer(self, lo: float, hi: float) -> "Levels":
        from ...layers.levels import gaussian
        step = rounded(hi / self.top)
        return gaussian([step * k for k in range(1, self.top + 1)])


@dataclass(frozen=True)
class Log(Activation):
    """0 and 2**bits - 1 powers of two, with a sign if there are negative numbers."""

    name = "log"
    citation = "Hubara et al., QNN, 2016, arXiv 1609.07061"
    about = "0 and powers of two; the largest is nearest to where the method clips"

    bits: int = 3

    def __post_init__(self):
        between("bits", self.bits, 1, 4)

    @property
    def code_bits(self) -> int:
        return self.bits

    def quantizer(self, lo: float, hi: float) -> "Levels":
        from ...layers.levels import logarithmic
        peak = max(hi, -lo)
        largest = round(log2(peak)) if peak > 0 else 0
        return logarithmic(self.bits, min(max(largest + 1, -256), 256), signed=lo < 0)


@dataclass(frozen=True)
class MiniFloat(Activation):
    """Small floats of fixed range, whatever the method."""

    name = "minifloat"
    citation = "Gysel, Ristretto, 2016, arXiv 1605.06402"
    about = "floats with a sign; their range is fixed"

    exponent: int = 4
    mantissa: int = 3

    def __post_init__(self):
        between("exponent", self.exponent, 2, 5)
        between("mantissa", self.mantissa, 1, 4)

    @property
    def code_bits(self) -> int:
        return 1 + self.exponent + self.mantissa

    def quantizer(self, lo: float, hi: float) -> "Levels":
        from ...layers.levels import minifloat
        return minifloat(self.exponent, self.mantissa)

"""Activations in even steps, with or without a sign.

Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
Inference", 2018 (arXiv 1712.05877), section 2.1: a scale, and a zero point where numbers without a
sign stand for negative ones too. With ``power=1`` the scale is a power of two, as in Lin et al.,
"Fixed Point Quantization of Deep Convolutional Networks", 2016 (arXiv 1511.06393)."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log2
from typing import TYPE_CHECKING, ClassVar

from ...exact.num import Int
from .activation import Activation, between, rounded

if TYPE_CHECKING:
    from ...layers import Quantize

__all__ = ["Signed", "Unsigned"]


class Uniform:
    """Base of both: ``bits`` bits, and a ``power`` of two as scale if that is 1."""

    name: ClassVar[str]
    uniform: ClassVar[bool] = True

    bits: int
    power: int

    def __str__(self) -> str:
        return f"{self.name}{self.bits}{':power=1' * self.power}"

    @property
    def code_bits(self) -> int:
        return self.bits


def _scale(step: float, power: int) -> Fraction:
    """A step as a scale, rounded up."""
    return Fraction(2) ** ceil(log2(step)) if power and step > 0 else rounded(step)


@dataclass(frozen=True)
class Unsigned(Uniform, Activation):
    """Codes 0 .. 2**bits - 1; the zero point is 0 unless there are negative numbers."""

    name = "u"
    citation = "Jacob et al., Integer-Arithmetic-Only Inference, 2018, arXiv 1712.05877"
    about = "u1 to u8: even steps from 0, with a zero point for negative numbers"

    bits: int = 8
    power: int = 0

    def __post_init__(self):
        between("bits", self.bits, 1, 8)
        between("power", self.power, 0, 1)

    def quantizer(self, lo: float, hi: float) -> "Quantize":
        from ...layers import Quantize
        lo, hi = min(lo, 0.0), max(hi, 0.0)
        scale = _scale((hi - lo) / self.top, self.power)
        zero = min(round(-lo / float(scale)), self.top)
        return Quantize(Int(0, self.top), scale, zero)


@dataclass(frozen=True)
class Signed(Uniform, Activation):
    """Codes of two's complement around the zero point 0."""

    name = "s"
    citation = "Jacob et al., Integer-Arithmetic-Only Inference, 2018, arXiv 1712.05877"
    about = "s2 to s8: even steps around 0"
    signed = True

    bits: int = 8
    power: int = 0

    def __post_init__(self):
        between("bits", self.bits, 2, 8)
        between("power", self.power, 0, 1)

    def quantizer(self, lo: float, hi: float) -> "Quantize":
        from ...layers import Quantize
        step = max(hi, -lo, 0.0) / self.top
        return Quantize(Int(-self.top - 1, self.top), _scale(step, self.power))

"""Small floating point numbers, multiplied exactly into a wide accumulator.

Gysel, "Ristretto: Hardware-Oriented Approximation of Convolutional Neural Networks", 2016 (arXiv
1605.06402), section 3.3. All numbers are normal, and there is no infinity. Mantissas round to
nearest, ties away from zero. +-2**-bias is not representable, because its code stands for 0."""

from dataclasses import dataclass

import numpy as np

from ..exact.formats import MiniFloat
from ..pe import Element, Floats
from .scheme import Codes, Scheme, scales

__all__ = ["MiniFloats"]


@dataclass(frozen=True)
class MiniFloats(Scheme):
    """Floats of a sign bit, ``exponent`` bits and ``mantissa`` bits."""

    name = "minifloat"
    family = "float multiply"
    citation = "Gysel, Ristretto, 2016, arXiv 1605.06402"

    exponent: int = 4
    mantissa: int = 3

    def __post_init__(self):
        if not (2 <= self.exponent <= 5 and 1 <= self.mantissa <= 10):
            raise ValueError(f"Minifloats must have 2 to 5 exponent and 1 to 10 mantissa bits, not "
                             f"{self.exponent!r} and {self.mantissa!r}")

    @property
    def format(self) -> MiniFloat:
        """The number format of the codes."""
        return MiniFloat(self.exponent, self.mantissa)

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Rounds each weight to the nearest float; the scale is the format's step."""
        scale = np.full(len(w), 2.0**self.format.lsb)
        return Codes(self.format.encode(w).astype(np.min_scalar_type(1 << self.code_bits)),
                     scales(scale, per_channel))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects exact float products."""
        return Floats(self.format)

"""What is known of a tensor: its shape, and the format of its integers.

A tensor with ``codes`` is made of integers, one a wire; its real value is
``scale * (code - zero)``. A tensor without is real-valued and never meets hardware.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np

from ..exact.formats import Coded, Wire
from ..exact.num import Int

__all__ = ["MOST_BITS", "Tensor"]

MOST_BITS = 62
"""Of an integer: numpy's are the golden's."""


@dataclass(frozen=True)
class Tensor:
    """Shape (without the batch) and number format of what a node makes.

    Codes are integers themselves, unless ``coded`` says what integers they stand for.
    """

    shape: tuple[int, ...]
    codes: Int | None = None
    scale: Fraction = Fraction(1)
    zero: Fraction = Fraction(0)
    coded: Coded | None = None

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def channels(self) -> int:
        """The last dimension: tensors flow channels-last."""
        return self.shape[-1]

    @property
    def integer(self) -> Int:
        """The interval of the codes."""
        if self.codes is None:
            raise ValueError("A real tensor has no codes")
        return self.codes

    @property
    def wire(self) -> Wire:
        """What a wire carries."""
        return self.coded or self.integer

    @property
    def value(self) -> Int:
        """The interval of what the codes stand for."""
        return self.wire.value

    def integers(self, codes: np.ndarray) -> np.ndarray:
        """What integers the codes stand for."""
        return codes if self.coded is None else self.coded.decode(codes)

    def real(self, codes: np.ndarray) -> np.ndarray:
        """What the codes stand for, float64."""
        return float(self.scale) * (self.integers(codes) - float(self.zero))

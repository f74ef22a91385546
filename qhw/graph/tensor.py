"""A tensor's shape and the format of its integers.

A tensor with ``codes`` consists of integers, one a wire; its real value is ``scale * (code -
zero)``. A tensor without codes is real-valued and never reaches hardware.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod

import numpy as np

from ..errors import ModelError
from ..exact.formats import Coded, Wire
from ..exact.num import Int

__all__ = ["MOST_BITS", "Tensor"]

MOST_BITS = 62
"""Most bits of an integer: the golden computes in numpy's int64."""


@dataclass(frozen=True)
class Tensor:
    """Shape (without the batch) and number format of a node's output.

    Codes are the integers themselves, unless ``coded`` decodes them.
    """

    shape: tuple[int, ...]
    codes: Int | None = None
    scale: Fraction = Fraction(1)
    zero: Fraction = Fraction(0)
    coded: Coded | None = None

    @property
    def size(self) -> int:
        """Elements of the tensor."""
        return prod(self.shape)

    @property
    def channels(self) -> int:
        """The last dimension: tensors are channels-last."""
        return self.shape[-1]

    def needs_channels(self, count: int, what: str) -> None:
        """ModelError if the channels are not the ``count`` that a layer's ``what`` are for."""
        if self.channels != count:
            raise ModelError(f"its {what} are for {count} channels, "
                             f"and its input has {self.channels}")

    @property
    def integer(self) -> Int:
        """The interval of the codes; ValueError for a real tensor."""
        if self.codes is None:
            raise ValueError("A real tensor has no codes")
        return self.codes

    @property
    def wire(self) -> Wire:
        """The format of one element on a wire."""
        return self.coded or self.integer

    @property
    def value(self) -> Int:
        """The interval of the integers that the codes stand for."""
        return self.wire.value

    @cached_property
    def line(self) -> tuple[Fraction, Fraction]:
        """Slope and offset from the integers to the real values."""
        return self.scale, -self.scale * self.zero

    def integers(self, codes: np.ndarray) -> np.ndarray:
        """Decodes codes, of any shape, to integers."""
        return codes if self.coded is None else self.coded.decode(codes)

    def real(self, codes: np.ndarray) -> np.ndarray:
        """Decodes codes, of any shape, to real values, float64."""
        return float(self.scale) * (self.integers(codes) - float(self.zero))

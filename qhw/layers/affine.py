"""A scale and an offset for each channel: the part of a layer's scales left for the host."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from ..graph import Op, Tensor
from ..tools.typed import Json
from .real import Straight
from .spec import Arrays, Rationals, Said, Spec, floats, written

__all__ = ["Affine"]

LOST = 16
"""Of float64's 53 bits."""


@dataclass(frozen=True)
class Affine(Straight):
    """``slope * x + offset``, with one slope and one offset for each channel."""

    kind = "affine"

    slope: tuple[Fraction, ...]
    offset: tuple[Fraction, ...]

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        x.needs_channels(len(self.slope), "slopes")
        return Tensor(x.shape)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        """Computes in float64; in rationals if the addition of the offset would lose low bits."""
        x, = xs
        offset = np.array(self.offset, np.float64)
        found = np.array(self.slope, np.float64) * x + offset
        lost = np.abs(found) < np.abs(offset) * 2.0**-LOST
        if not lost.any():
            return found
        channels: int = x.shape[-1]
        for channel in np.unique(np.nonzero(lost)[-1]).tolist():
            here = lost & (np.arange(channels) == channel)
            values, places = np.unique(x[here], return_inverse=True)
            a, b = self.line(channel)
            found[here] = np.array([float(a * Fraction(v) + b) for v in values.tolist()])[places]
        return found

    def line(self, channel: int) -> tuple[Fraction, Fraction]:
        return self.slope[channel], self.offset[channel]


class AffineSpec(Spec):
    """A table of exact slopes and offsets, one for each channel: arrays, or keys where no floats
    are these numbers."""

    type: Literal["affine"]
    slope: Rationals | None = None
    offset: Rationals | None = None

    def op(self, arrays: Arrays) -> Affine:
        """Makes the layer; ValueError if slopes and offsets are not as many."""
        slope, offset = (
            tuple(given) if given is not None else
            tuple(map(Fraction, arrays.real(f"{self.name}.{what}", (-1,)).tolist()))
            for what, given in (("slope", self.slope), ("offset", self.offset)))
        if len(slope) != len(offset):
            raise ValueError(f"There are {len(slope)} slopes and {len(offset)} offsets")
        return Affine(slope, offset)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Affine):
            return None
        keys: dict[str, Json] = {}
        found: dict[str, np.ndarray] = {}
        for what, numbers in (("slope", op.slope), ("offset", op.offset)):
            if (exact := floats(numbers)) is not None:
                found[what] = exact
            else:
                keys[what] = [written(v) for v in numbers]
        return keys, found

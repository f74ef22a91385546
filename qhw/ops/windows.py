"""What a sliding window sees, as vectors for a matrix-vector product."""

from dataclasses import dataclass, replace

import numpy as np

from ..errors import ModelError
from ..ir import Op
from ..num import Int
from ..window import Window

__all__ = ["Windows"]


@dataclass(frozen=True)
class Windows(Op):
    """(rows, columns, groups, taps * channels of a group), or without groups if there is one.

    ``fill`` is the code beyond the edges.
    """

    kind = "windows"
    integer = True
    raw = True

    window: Window
    groups: int = 1
    fill: int = 0

    def infer(self, *xs):
        x, = xs
        if len(x.shape) != 3 or x.channels % self.groups:
            raise ModelError(f"{self.groups} groups of channels are not in {x.shape}")
        taken = self.window.taps * x.channels // self.groups
        shape = (*self.window.outputs(*x.shape[:2]),
                 *((self.groups,) if self.groups > 1 else ()), taken)
        codes = x.integer | Int(self.fill, self.fill) if any(self.window.pads) else x.integer
        return replace(x, shape=shape, codes=codes)

    def evaluate(self, *xs):
        x, = xs
        seen = self.window.patches(x, self.fill)
        *lead, kh, kw, channels = seen.shape
        grouped = seen.reshape(*lead, kh * kw, self.groups, channels // self.groups)
        vectors = np.moveaxis(grouped, -2, -3).reshape(*lead, self.groups, -1)
        return vectors if self.groups > 1 else vectors[..., 0, :]

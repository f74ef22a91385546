"""XNOR or AND and popcount over bit planes: weights of k bits as k sums of signs or masks.

Courbariaux et al., "Binarized Neural Networks", 2016 (arXiv 1602.02830), section 1.5, for one
plane; Zhou et al., "DoReFa-Net", 2016 (arXiv 1606.06160), eq. 3, for several.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from amaranth.hdl import Value

from ..exact.num import Int
from .element import Element
from .gates import adder_tree, excess, masked, raised, signed_by

__all__ = ["BitPlanes"]


@dataclass(frozen=True)
class BitPlanes(Element):
    """Planes of weights, the lowest first; the weight is ``sum(2**i * plane[i])``.

    ``alphabet`` is ``"signs"`` (a bit 1 is +1, a 0 is -1) or ``"twos"`` (two's complement bits).
    ``words`` adds whole activations up under each plane's signs or masks; otherwise each bit of
    the activations is a plane too, and a popcount for each pair of planes. ``export`` leaves the
    sums of the planes of ``"weights"``, of ``"activations"``, or of ``"both"`` (weights' outer)
    as they are instead of adding them up. Planes of activations that are exported are signs, of
    which a 1 is +1 and a 0 is -1, and so must the weights' be.
    """

    bits: int = 1
    alphabet: Literal["signs", "twos"] = "signs"
    narrow: bool = False
    words: bool = True
    export: Literal["", "weights", "activations", "both"] = ""
    x_planes: int = 1
    """Planes of activations, where they are exported."""

    @property
    def parts(self):
        return ((self.bits if self.export in ("weights", "both") else 1)
                * (self.x_planes if self.export in ("activations", "both") else 1))

    @property
    def codes(self):
        every = np.arange(1 << self.bits)
        return every[every != 1 << self.bits - 1] if self.narrow else every

    @property
    def factors(self) -> np.ndarray:
        """What a plane is worth."""
        worth = 1 << np.arange(self.bits)
        if self.alphabet == "twos":
            worth[-1] *= -1
        return worth

    def planes(self, codes: np.ndarray) -> np.ndarray:
        """What the planes' bits stand for, (rows, planes, lanes)."""
        bits = codes.astype(np.int64)[:, None, :] >> np.arange(self.bits)[:, None] & 1
        return 2 * bits - 1 if self.alphabet == "signs" else bits

    def weights(self, codes):
        planes = self.planes(codes)
        if self.export in ("weights", "both"):
            return np.repeat(planes, self.parts // self.bits, axis=1)
        combined = np.einsum("rpi,p->ri", planes, self.factors)[:, None]
        return np.repeat(combined, self.parts, axis=1)

    # A lane of signs gives x or its complement, which is -x plus a constant, and with one bit of x
    # it gives XNOR = w * x + [w < 0]: how much all are off depends on the weights alone.

    def dot(self, x, w):
        sums = [self._plane(x, [b[i] for b in w]) for i in range(self.bits)]
        if self.export == "both":
            return [s << 1 for plane in sums for s in plane]
        if self.export == "activations":
            return [_weighted(column, self.factors) << 1 for column in zip(*sums, strict=True)]
        planes = [_weighted(plane, self._x_factors(x[0])) for plane in sums]
        return planes if self.export else [_weighted(planes, self.factors)]

    def _plane(self, x: list[Value], bits: list[Value]) -> list[Value]:
        """The sums of one plane of weights, for each plane of activations or all together."""
        lanes = list(zip(x, bits, strict=True))
        if self._split:
            if self.alphabet == "signs":
                return [adder_tree(~(a[j] ^ b) for a, b in lanes) for j in range(len(x[0]))]
            return [adder_tree(a[j] & b for a, b in lanes) for j in range(len(x[0]))]
        if self.alphabet == "signs":
            return [adder_tree(signed_by(a, ~b) for a, b in lanes)]
        return [adder_tree(raised(masked(a, b), a) for a, b in lanes)]

    @property
    def _split(self) -> bool:
        return not self.words or self.export in ("activations", "both")

    def _x_factors(self, x: Value) -> list[int]:
        if not self._split:
            return [1]
        worth = [1 << j for j in range(len(x))]
        return [*worth[:-1], -worth[-1]] if x.shape().signed else worth

    def rest(self, codes, x):
        """What each plane's sum is short of, combined as the sums are."""
        lanes = codes.shape[1]
        if self.export in ("activations", "both"):      # signs agree or not: 2 popcount - lanes
            whole = lanes if self.export == "both" else lanes * int(self.factors.sum())
            return np.full((len(codes), self.parts), -whole)
        minus = (self.planes(codes) < 0).sum(axis=2)
        if self.alphabet == "signs":
            # The planes of signed numbers are not raised: all their complements make up -x - 1.
            more, less = (0, -1) if self._split and x.shape.signed else excess(x.value)
            each = -((lanes - minus) * more + minus * less)
        else:
            raised_by = 0 if self._split else excess(x.value)[0]
            each = np.full(minus.shape, -lanes * raised_by)
        if self.export in ("weights", "both"):
            return np.repeat(each, self.parts // self.bits, axis=1)
        return np.repeat((each @ self.factors)[:, None], self.parts, axis=1)

    def term(self, x):
        if self.export in ("activations", "both"):
            return Int(0, 2 * (1 if self.export == "both" else int(self.factors.sum())))
        return super().term(x)


def _weighted(sums, factors) -> Value:
    """Sums of planes, each shifted to its place; the last one is subtracted if its factor says."""
    places = [abs(int(f)).bit_length() - 1 for f in factors]
    *others, top = [s << k if k else s for s, k in zip(sums, places, strict=True)]
    if factors[-1] > 0:
        return adder_tree([*others, top])
    return adder_tree(others) - top if others else -top

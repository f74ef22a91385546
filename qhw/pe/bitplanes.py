"""Bit planes: weights of k bits as k sums of signs or masks; XNOR and popcount for one bit.

Courbariaux et al., "Binarized Neural Networks", 2016 (arXiv 1602.02830), section 1.5, for one
plane; Zhou et al., "DoReFa-Net", 2016 (arXiv 1606.06160), eq. 3, for several.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..exact.formats import Wire
from ..exact.num import Int
from ..tools.typed import computed
from .element import Element
from .gates import adder_tree, excess, masked, raised, signed_by

if TYPE_CHECKING:
    from amaranth.hdl import Value

__all__ = ["BitPlanes", "Parities"]

BLOCK = 16
"""Lanes after which running parities begin again, so that they take few LUTs in series."""


@dataclass(frozen=True)
class BitPlanes(Element):
    """Weights as planes of bits, the least significant first: weight = ``sum(2**i * plane[i])``.

    ``alphabet`` is ``"signs"`` (bit 1 is +1, bit 0 is -1) or ``"twos"`` (two's complement). With
    ``words`` each plane adds whole activations under its signs or masks; without, each bit of the
    activations is a plane too, with one popcount for each pair of planes.

    ``export`` keeps the planes' sums separate instead of combining them: planes of ``"weights"``,
    of ``"activations"``, or of ``"both"`` (weights' planes in the outer dimension). Exported planes
    of activations are signs (1 is +1, 0 is -1); the weights' alphabet must then be signs too."""

    bits: int = 1
    alphabet: Literal["signs", "twos"] = "signs"
    narrow: bool = False
    words: bool = True
    export: Literal["", "weights", "activations", "both"] = ""
    x_planes: int = 1
    """Planes of the activations, used if they are exported."""
    chained: bool = False

    @computed
    def parts(self):
        """Number of sums of an output: one, or one for each exported plane or pair of planes."""
        return ((self.bits if self.export in ("weights", "both") else 1)
                * (self.x_planes if self.export in ("activations", "both") else 1))

    @property
    def codes(self) -> np.ndarray:
        """Every code in use, (codes,); ``narrow`` leaves out the code of the lowest integer."""
        every = np.arange(1 << self.bits)
        return every[every != 1 << self.bits - 1] if self.narrow else every

    @property
    def factors(self) -> np.ndarray:
        """The value of a bit in each plane, (planes,): powers of two, the last negative in two's
        complement."""
        worth = 1 << np.arange(self.bits)
        if self.alphabet == "twos":
            worth[-1] *= -1
        return worth

    def planes(self, codes: np.ndarray) -> np.ndarray:
        """Decodes codes (rows, lanes) to plane values, -1, 0 or 1, (rows, planes, lanes)."""
        bits = codes.astype(np.int64)[:, None, :] >> np.arange(self.bits)[:, None] & 1
        return 2 * bits - 1 if self.alphabet == "signs" else bits

    def weights(self, codes: np.ndarray) -> np.ndarray:
        """Returns the weights, or their planes if exported, (rows, parts, inputs)."""
        planes = self.planes(codes)
        if self.export in ("weights", "both"):
            return np.repeat(planes, self.parts // self.bits, axis=1)
        combined = np.einsum("rpi,p->ri", planes, self.factors)[:, None]
        return np.repeat(combined, self.parts, axis=1)

    # A lane of signs is x or ~x = -x - 1; for x of one bit it is XNOR = w * x + [w < 0]. The error
    # depends on the weights alone, so `rest` removes it in the accumulator's start value.

    def dot(self, x: "list[Value]", w: "list[Value]") -> "list[Value]":
        """Builds one popcount or adder tree a plane, then adds the planes with their shifts."""
        sums = [self._plane(x, [b[i] for b in w]) for i in range(self.bits)]
        if self.export == "both":
            return [s << 1 for plane in sums for s in plane]
        if self.export == "activations":
            return [_weighted(column, self.factors) << 1 for column in zip(*sums, strict=True)]
        planes = [_weighted(plane, self._x_factors(x[0])) for plane in sums]
        return planes if self.export else [_weighted(planes, self.factors)]

    def _plane(self, x: "list[Value]", bits: "list[Value]") -> "list[Value]":
        """Builds the sums of one weight plane: one for each activation plane, or one for all."""
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

    def _x_factors(self, x: "Value") -> list[int]:
        if not self._split:
            return [1]
        worth = [1 << j for j in range(len(x))]
        return [*worth[:-1], -worth[-1]] if x.shape().signed else worth

    def rest(self, codes: np.ndarray, x: Wire) -> np.ndarray:
        """Returns the difference of exact and computed sums, (rows, parts), combined like the sums.
        """
        lanes = codes.shape[1]
        if self.export in ("activations", "both"):      # a sum of signs is 2 popcount - lanes
            whole = lanes if self.export == "both" else lanes * int(self.factors.sum())
            return np.full((len(codes), self.parts), -whole)
        minus = (self.planes(codes) < 0).sum(axis=2)
        if self.alphabet == "signs":
            # Planes of signed numbers are not raised: their complements combine to -x - 1.
            more, less = (0, -1) if self._split and x.shape.signed else excess(x.value)
            each = -((lanes - minus) * more + minus * less)
        else:
            raised_by = 0 if self._split else excess(x.value)[0]
            each = np.full(minus.shape, -lanes * raised_by)
        if self.export in ("weights", "both"):
            return np.repeat(each, self.parts // self.bits, axis=1)
        return np.repeat((each @ self.factors)[:, None], self.parts, axis=1)

    def term(self, x: Wire) -> Int:
        """Computes the interval of one lane's term in a sum."""
        if self.export in ("activations", "both"):
            return Int(0, 2 * (1 if self.export == "both" else int(self.factors.sum())))
        return super().term(x)


def _weighted(sums: "Sequence[Value]", factors: Sequence[int] | np.ndarray) -> "Value":
    """Adds the sums of planes, each shifted by its factor; a negative last factor subtracts."""
    places = [abs(int(f)).bit_length() - 1 for f in factors]
    *others, top = [s << k if k else s for s, k in zip(sums, places, strict=True)]
    if factors[-1] > 0:
        return adder_tree([*others, top])
    return adder_tree(others) - top if others else -top


@dataclass(frozen=True)
class Parities(BitPlanes):
    """Planes of signs for planes of activations, with the sums of ``BitPlanes``, where the bits of
    a beat become running parities before they meet.

    With n the inverted sign bit of a weight, the product of two signs is ``x ^ n``. The parity of
    the first k products is that of k bits of x and of k bits n, so the parities of n are stored in
    place of n, and those of x are made once for all outputs: each product becomes a running parity
    at no logic. The number of ones among the products is the last parity plus twice the number of
    times that the parity falls from 1 to 0. It cannot fall twice in a row, so two neighbors are one
    summand, a function of six bits: there are half as many summands as products."""

    words: bool = False

    def stored(self, codes: np.ndarray) -> np.ndarray:
        """Makes the running parities of the inverted bits of codes, (..., lanes)."""
        bits = codes ^ (1 << self.bits) - 1
        return np.concatenate([np.bitwise_xor.accumulate(bits[..., k:k + BLOCK], axis=-1)
                               for k in range(0, bits.shape[-1], BLOCK)], axis=-1)

    def received(self, x: "list[Value]", first: int = 0) -> "list[Value]":
        """Builds the running parities of the activations, bit by bit."""
        ends = [0, *range(BLOCK - first % BLOCK, len(x), BLOCK), len(x)]
        return [part for a, b in pairwise(ends) for part in _running(x[a:b])]

    def _plane(self, x: "list[Value]", bits: "list[Value]") -> "list[Value]":
        return [_ones([a[j] ^ b for a, b in zip(x, bits, strict=True)]) for j in range(len(x[0]))]


def _running(x: "list[Value]") -> "list[Value]":
    """Builds the running parities of a block."""
    step, found = 1, x
    while step < len(x):
        found = [found[k & -2 * step | step - 1] ^ a if k & step else a
                 for k, a in enumerate(found)]
        step *= 2
    return found


def _ones(parities: "list[Value]") -> "Value":
    """Builds the number of ones of bits with these running parities."""
    from amaranth.hdl import Cat
    pairs: list[Value] = []
    last: list[Value] = []
    for k in range(0, len(parities), BLOCK):
        block = parities[k:k + BLOCK]
        falls = [a & ~b for a, b in pairwise(block)]
        pairs += [a | b for a, b in zip(falls[::2], falls[1::2], strict=False)]
        pairs += falls[len(falls) & -2:]
        last.append(block[-1])
    while len(last) > 1:
        both = list(zip(last[::2], last[1::2], strict=False))
        pairs += [a & b for a, b in both]
        last = [a ^ b for a, b in both] + last[len(both) * 2:]
    return Cat(last[0], adder_tree(pairs)) if pairs else last[0]

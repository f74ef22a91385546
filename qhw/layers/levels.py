"""Quantizers whose levels are not evenly spaced or whose thresholds are free.

Ternary neurons (Alemdar et al., arXiv 1609.00222), half-wave Gaussian levels (Cai et al., HWGQ,
arXiv 1702.00953), logarithmic codes (Hubara et al., QNN, arXiv 1609.07061), residual planes with
calibrated scales (Li et al., HORQ, arXiv 1708.08687) and small floats (Gysel, arXiv 1605.06402)."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from math import gcd, inf, lcm, sqrt
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from .. import limits
from ..exact.cut import Cut
from ..exact.formats import Coded, MiniFloat, Power
from ..exact.num import Int
from ..graph import Op, Tensor
from ..tools.typed import is_list
from .quantize import Quantizer
from .spec import Arrays, Number, Said, Scale, Spec, Whole, rational, written

__all__ = ["Levels", "Scales", "Ternarize", "gaussian", "logarithmic", "minifloat", "residual"]

HALF = Fraction(1, 2)


@dataclass(frozen=True, eq=False)
class Levels(Quantizer):
    """A quantizer to ``scale * values[k]``, where k is the number of thresholds that x reaches.

    ``thresholds`` and ``values`` are in rising order. With ``coded`` the codes are those of that
    format, otherwise the values themselves."""

    kind = "levels"
    alike = True

    values: tuple[int, ...]
    thresholds: tuple[Cut, ...]
    scale: Fraction = Fraction(1)
    coded: Coded | None = None

    @property
    def format(self) -> Tensor:
        if self.coded is None:
            return Tensor((), Int(min(self.values), max(self.values)), self.scale)
        return Tensor((), Int.of_bits(self.coded.bits, signed=False), self.scale, Fraction(0),
                      self.coded)

    @property
    def codes(self) -> np.ndarray:
        """The code of each level."""
        if self.coded is None:
            return np.array(self.values, np.int64)
        every = self.coded.codes
        of = dict(zip(self.coded.decode(every).tolist(), every.tolist(), strict=True))
        return np.array([of[v] for v in self.values], np.int64)

    @property
    def table(self) -> np.ndarray | None:
        counts = np.array_equal(self.codes, np.arange(len(self.values)) + self.values[0])
        return None if counts else self.codes

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        reached = np.zeros(x.shape, np.int64)
        for cut in self.thresholds:
            t = float(cut.p) + sum(float(q) * sqrt(r) for q, r in cut.roots)
            reached += x > t if cut.strict else x >= t
        return self.codes[reached]

    def cuts(self, channel: int) -> Iterable[Cut]:
        return list(self.thresholds)


@dataclass(frozen=True, eq=False)
class Ternarize(Quantizer):
    """+1 for x > ``high``, -1 for x < ``low``, otherwise 0. Both are (channels,), or (1,) for all
    channels."""

    kind = "ternarize"

    high: np.ndarray
    low: np.ndarray
    scale: Fraction = Fraction(1)

    @property
    def format(self) -> Tensor:
        return Tensor((), Int(-1, 1), self.scale)

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        for thresholds in (self.high, self.low):
            if len(thresholds) != 1:
                x.needs_channels(len(thresholds), "thresholds")
        return super().infer(x)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return (x > self.high).astype(np.int64) - (x < self.low)

    def cuts(self, channel: int) -> Iterable[Cut]:
        low, high = (float(t[channel % len(t)]) for t in (self.low, self.high))
        return [Cut.at(low), Cut.at(high, strict=True)]


def gaussian(levels: list[Fraction], bits: int = 8) -> Levels:
    """Makes HWGQ's quantizer: 0 for x <= 0, otherwise the nearest of the positive ``levels``, which
    are in rising order; ties go down.

    Evenly spaced levels are exact; others are rounded to integers of ``bits`` bits."""
    values, scale = integers([Fraction(0), *levels], bits)
    middles = [(a + b) / 2 for a, b in pairwise(levels)]
    return Levels(values, tuple(Cut(t, strict=True) for t in (Fraction(0), *middles)), scale)


def logarithmic(bits: int, full_scale: int, *, signed: bool = False) -> Levels:
    """Makes QNN's quantizer to 2**e with the e nearest to log2 |x|; values below the least power
    are 0.

    Parameters
    ----------
    bits : bits of a magnitude, for 2**bits - 1 exponents
    full_scale : number that all exponents are below; the largest is ``full_scale - 1``
    signed : whether there are negative levels too"""
    count = (1 << bits) - 1
    least = full_scale - count
    powers = [Fraction(2) ** (least + k) for k in range(count)]
    edges = [Cut(powers[0]), *(Cut(Fraction(0), roots=((p, Fraction(2)),)) for p in powers[:-1])]
    values = [1 << k for k in range(count)]
    if signed:
        mirrored = [Cut(-e.p, True, tuple((-q, r) for q, r in e.roots)) for e in reversed(edges)]
        edges, values = [*mirrored, *edges], [*(-v for v in reversed(values)), 0, *values]
    else:
        values = [0, *values]
    return Levels(tuple(values), tuple(edges), powers[0], Power(count, signed=signed))


def residual(scales: list[Fraction], bits: int = 8) -> Levels:
    """Makes HORQ's quantizer with calibrated scales: plane k adds +-``scales[k]``, with the sign of
    the residual that the planes before it leave of x.

    The scales are in falling order. ValueError if one is less than the sum of those after it."""
    for k, scale in enumerate(scales):
        if scale < sum(scales[k + 1:]):
            raise ValueError(f"Scale {float(scale):g} is less than those after it together")
    signs = list(product((-1, 1), repeat=len(scales)))
    edges = last = [Fraction(0)]
    for scale in scales[:-1]:
        last = [e + s for e in last for s in (-scale, scale)]
        edges = [*edges, *last]
    values, unit = integers([sum((h * b for h, b in zip(row, scales, strict=True)), Fraction(0))
                             for row in signs], bits)
    return Levels(values, tuple(Cut(e) for e in sorted(edges)), unit)


def minifloat(exponent: int, mantissa: int) -> Levels:
    """Makes Ristretto's quantizer to small floats, to the nearest; ties go away from zero.

    ``exponent`` and ``mantissa`` are bits."""
    form = MiniFloat(exponent, mantissa)
    sizes = sorted(int(v) for v in form.decode(form.codes) if v > 0)
    unit = Fraction(2) ** form.lsb
    edges = [Fraction(a + b, 2) * unit for a, b in pairwise([1 << mantissa, *sizes])]
    return Levels((*(-v for v in reversed(sizes)), 0, *sizes),
                  (*(Cut(-e, strict=True) for e in reversed(edges)), *(Cut(e) for e in edges)),
                  unit, form)


def integers(levels: list[Fraction], bits: int) -> tuple[tuple[int, ...], Fraction]:
    """Expresses levels as integers times a scale; returns both.

    Exact if all levels are multiples of their least gap, or of a step with which they fit ``bits``
    signed bits; otherwise they are rounded to multiples of the least power of two with which they
    fit. ValueError if the levels do not rise."""
    gaps = [b - a for a, b in pairwise(levels)]
    if min(gaps) <= 0:
        raise ValueError("Levels must rise")
    under = lcm(*(v.denominator for v in levels))
    step = Fraction(gcd(*(int(v * under) for v in levels)), under)
    peak, top = max(abs(v) for v in levels), (1 << bits - 1) - 1
    if step == min(gaps) or peak / step <= top:
        return tuple(int(v / step) for v in levels), step
    unit = Fraction(1)
    while peak / unit > top + HALF:
        unit *= 2
    while peak / (unit / 2) <= top + HALF:
        unit /= 2
    return tuple(max(min(round(v / unit), top), -top) for v in levels), unit


Threshold = Annotated[float, Field(ge=-inf)]
"""Any number but NaN; infinite where a code is never taken."""


class TernarizeSpec(Spec):
    type: Literal["ternary"]
    high: Threshold | None = None
    low: Threshold | None = None
    scale: Scale = Fraction(1)

    def op(self, arrays: Arrays) -> Ternarize:
        high, low = (np.array([given]) if given is not None else
                     arrays.real(f"{self.name}.{what}", (-1,))
                     for what, given in (("high", self.high), ("low", self.low)))
        if len(high) != len(low) and 1 not in (len(high), len(low)):
            raise ValueError(f"There are {len(high)} high thresholds and {len(low)} low ones")
        if (low > high).any():
            raise ValueError("The low threshold is above the high one")
        return Ternarize(high, low, self.scale)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Ternarize):
            return None
        return {"scale": written(op.scale)}, {"high": op.high, "low": op.low}


def _rationals(value: Any) -> Any:
    return [rational(v) for v in value] if is_list(value) else value


Scales = Annotated[list[Fraction], BeforeValidator(_rationals), Field(min_length=1, max_length=255)]


class HwgqSpec(Spec):
    type: Literal["hwgq"]
    bits: Annotated[Whole, Field(ge=1, le=8)] = 2
    step: Scale = Fraction(538, 1000)
    levels: Scales | None = None
    level_bits: Annotated[Whole, Field(ge=2, le=16)] = 8

    def op(self, arrays: Arrays) -> Levels:
        even = [self.step * k for k in range(1, 1 << self.bits)]
        return gaussian(self.levels or even, self.level_bits)


class LogSpec(Spec):
    type: Literal["log"]
    bits: Annotated[Whole, Field(ge=1, le=4)] = 3
    full_scale: Annotated[Whole, Field(ge=-256, le=256)] = 0
    signed: bool = False

    def op(self, arrays: Arrays) -> Levels:
        return logarithmic(self.bits, self.full_scale, signed=self.signed)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Levels) or not isinstance(op.coded, Power):
            return None
        bits, signed = (op.coded.powers + 1).bit_length() - 1, op.coded.signed
        full = op.scale.numerator.bit_length() - op.scale.denominator.bit_length() + op.coded.powers
        same = _same(op, logarithmic(bits, full, signed=signed))
        return ({"bits": bits, "full_scale": full, "signed": signed}, {}) if same else None


class MinifloatSpec(Spec):
    type: Literal["minifloat"]
    exponent: Annotated[Whole, Field(ge=2, le=5)] = 4
    mantissa: Annotated[Whole, Field(ge=1, le=4)] = 3

    def op(self, arrays: Arrays) -> Levels:
        return minifloat(self.exponent, self.mantissa)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Levels) or not isinstance(form := op.coded, MiniFloat):
            return None
        same = _same(op, minifloat(form.exponent, form.mantissa))
        return ({"exponent": form.exponent, "mantissa": form.mantissa}, {}) if same else None


class LevelsSpec(Spec):
    """A table of any levels: integers, and what their thresholds are."""

    type: Literal["levels"]
    values: Annotated[list[Whole], Field(min_length=2, max_length=256)]
    thresholds: Annotated[list[Number], Field(min_length=1, max_length=255)]
    above: list[bool]
    scale: Scale = Fraction(1)

    def op(self, arrays: Arrays) -> Levels:
        """Makes the layer; ValueError if values or thresholds do not rise or are not as many."""
        if not len(self.values) - 1 == len(self.thresholds) == len(self.above):
            raise ValueError(f"There are {len(self.values)} values, {len(self.thresholds)} "
                             f"thresholds and {len(self.above)} of above")
        if any(b <= a for a, b in pairwise(self.values)) or any(
                b < a for a, b in pairwise(self.thresholds)):
            raise ValueError("Values and thresholds must rise")
        if Int(self.values[0], self.values[-1]).width > limits.TABLE_BITS:
            raise ValueError(f"Values have at most {limits.TABLE_BITS} bits")
        cuts = zip(self.thresholds, self.above, strict=True)
        return Levels(tuple(self.values), tuple(Cut(t, strict=s) for t, s in cuts), self.scale)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Levels) or op.coded is not None or any(
                cut.roots for cut in op.thresholds):
            return None
        return {"values": list(op.values), "scale": written(op.scale),
                "thresholds": [written(cut.p) for cut in op.thresholds],
                "above": [cut.strict for cut in op.thresholds]}, {}


def _same(a: Levels, b: Levels) -> bool:
    return (a.values, a.thresholds, a.scale, a.coded) == (b.values, b.thresholds, b.scale, b.coded)

"""TensorFlow Lite's requantization of integers: a 31-bit multiplier, a shift, a zero point.

Jacob et al., 2018 (arXiv 1712.05877), section 2.2, as gemmlowp's fixedpoint.h rounds it.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import floor, frexp

import numpy as np

from ..errors import ModelError
from ..exact.cuts import Cuts
from ..exact.num import Int, Rounding, round_shift
from ..graph import Tensor
from .quantize import Quantizer

__all__ = ["WORD", "Rescale", "divided", "fixed_point", "reduced", "rescaled"]

BITS = 31
"""Bits of a multiplier behind the binary point."""

WORD = Int.of_bits(32, signed=True)
"""The integers of the kernels with double rounding."""

SHIFTS = Int(-31, 30)

MOST = 1 << 62


def fixed_point(real: float) -> tuple[int, int]:
    """Computes multiplier and shift of a scale as TensorFlow Lite's QuantizeMultiplier does.

    ``real`` is near ``multiplier * 2.0**(shift - 31)``, where the multiplier's magnitude is from
    2**30 to 2**31 - 1. Below 2**-32 both numbers are 0; from 2**30 on they are the largest.
    """
    if real == 0:
        return 0, 0
    part, shift = frexp(abs(real))
    multiplier = floor(part * (1 << BITS) + 0.5)
    if multiplier == 1 << BITS:
        multiplier, shift = multiplier >> 1, shift + 1
    if shift < SHIFTS.lo:
        return 0, 0
    if shift > SHIFTS.hi:
        multiplier, shift = (1 << BITS) - 1, SHIFTS.hi
    return (multiplier if real > 0 else -multiplier), shift


def reduced(multiplier: int) -> int:
    """Reduces ``multiplier`` to its upper 15 bits, rounded, as kernels with accumulators of 64 bits
    do."""
    return min(multiplier + (1 << 15) >> 16, 0x7FFF) << 16


def rescaled(x: np.ndarray, multiplier: np.ndarray | int, shift: np.ndarray | int) -> np.ndarray:
    """Multiplies integers by ``multiplier * 2.0**(shift - 31)`` and rounds twice.

    The product is rounded half up, and then by the bits of a right shift, ties away from zero.

    Parameters
    ----------
    x : integers of any shape; shifted left, they saturate to 32 bits
    multiplier : integers of 31 bits, one or (channels,)
    shift : bits, positive to the left, one or (channels,)
    """
    a = np.clip(np.clip(x, WORD.lo, WORD.hi) << np.maximum(shift, 0), WORD.lo, WORD.hi)
    high = round_shift(a * np.asarray(multiplier, np.int64), BITS, Rounding.HALF_UP)
    return divided(high, np.maximum(-np.asarray(shift), 0))


def divided(x: np.ndarray, bits: np.ndarray | int) -> np.ndarray:
    """Divides integers of any shape by ``2**bits`` and rounds ties away from zero."""
    half = (1 << np.asarray(bits, np.int64)) >> 1
    return np.where(half > 0, x + half - (x < 0) >> bits, x)


@dataclass(frozen=True, eq=False)
class Rescale(Quantizer):
    """``clip(round(x * multiplier * 2.0**(shift - 31)) + zero)`` of integers.

    ``multiplier`` and ``shift`` are (channels,) or (1,) integers; a positive shift is to the left.

    By default it rounds twice, as kernels with accumulators of 32 bits do. First ``x`` is shifted
    left and saturated; its product with the multiplier is divided by 2**31 and rounded half up.
    Then a right shift rounds ties away from zero. With ``single`` it rounds once, half up, as
    kernels with accumulators of 64 bits do; their multipliers are ``reduced``."""

    kind = "rescale"

    multiplier: np.ndarray
    shift: np.ndarray
    codes: Int
    zero: int = 0
    single: bool = False
    scale: Fraction = Fraction(1)

    @property
    def format(self) -> Tensor:
        return Tensor((), self.codes, self.scale, Fraction(self.zero))

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        for values in {len(self.multiplier), len(self.shift)} - {1}:
            x.needs_channels(values, "multipliers")
        if np.abs(self.multiplier).max() >= 1 << BITS:
            raise ModelError("its multipliers must have 31 bits and a sign")
        if self.shift.min() < SHIFTS.lo or self.shift.max() > SHIFTS.hi:
            raise ModelError(f"its shifts must be in {SHIFTS}")
        return super().infer(x)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x = np.asarray(xs[0]).astype(np.int64)
        scaled = self._once(x) if self.single else rescaled(x, self.multiplier, self.shift)
        return np.clip(scaled + self.zero, self.codes.lo, self.codes.hi).astype(np.int64)

    def _once(self, x: np.ndarray) -> np.ndarray:
        """Rounds the product half up."""
        drop = BITS - self.shift.astype(np.int64)
        size = max(abs(int(x.min(initial=0))), int(x.max(initial=0)))
        most = size * int(np.abs(self.multiplier).max()) + (1 << int(drop.max()) - 1)
        kind = np.int64 if most < MOST else object
        product, drop = x.astype(kind) * self.multiplier.astype(kind), drop.astype(kind)
        return product + (1 << drop - 1) >> drop

    def cuts(self, channel: int) -> Cuts:
        m, shift = (int(v[channel % len(v)]) for v in (self.multiplier, self.shift))
        codes = np.arange(self.codes.lo + 1, self.codes.hi + 1).astype(object) - self.zero
        edges = _once(codes, BITS - shift) if self.single else _twice(codes, max(-shift, 0))
        product = Cuts.whole(edges).through_affine(Fraction(m), Fraction(0))
        if self.single:
            return product
        return product.through_clamp(Fraction(WORD.lo), Fraction(WORD.hi)).through_affine(
            Fraction(1 << max(shift, 0)), Fraction(0))

    def firsts(self, channels: np.ndarray, slopes: np.ndarray, offsets: np.ndarray, x: Int
               ) -> tuple[np.ndarray, np.ndarray] | None:
        """Computes the integers at which codes change, for many channels at once.

        Parameters
        ----------
        channels : indices of the multipliers, (rows,)
        slopes, offsets : integers below 2**60; ``slope * integer + offset`` is rescaled, (rows,)
        x : the integers that can occur

        Returns
        -------
        The thresholds (rows, codes - 1), rising, from ``x.lo`` to ``x.hi + 1``, and whether codes
        fall, bool (rows,). None if it rounds once, or if a slope is 0."""
        if self.single or not slopes.all():
            return None
        m, shift = (np.asarray(v, np.int64)[channels % len(v), None]
                    for v in (self.multiplier, self.shift))
        sign, codes = np.sign(m), np.arange(self.codes.lo + 1, self.codes.hi + 1) - self.zero
        highs = _halved(codes, np.maximum(-shift, 0)).clip(WORD.lo - 1, WORD.hi + 2)
        words = -(-_once(highs, BITS) // np.maximum(np.abs(m), 1))      # times the sign
        always = words <= np.minimum(sign * WORD.lo, sign * WORD.hi)
        fixed = always | (words > np.maximum(sign * WORD.lo, sign * WORD.hi))
        slope, offset = (np.where(m < 0, -v[:, None], v[:, None]) for v in (slopes, offsets))
        firsts = -((offset + (-words >> np.maximum(shift, 0))) // np.abs(slope))
        falls = (slope < 0) & ~fixed.all(axis=1, keepdims=True)
        firsts = np.where(falls, 1 - firsts, firsts).clip(x.lo, x.hi + 1)
        firsts = np.where(fixed, np.where(always != falls, x.lo, x.hi + 1), firsts)
        return np.sort(firsts), falls[:, 0]


def _once(codes: np.ndarray, drop: int) -> np.ndarray:
    """Computes where a product reaches codes if it is rounded half up by ``drop`` bits."""
    return codes * (1 << drop) - (1 << drop - 1)


def _twice(codes: np.ndarray, right: int) -> np.ndarray:
    """Computes where a product reaches codes if it is rounded half up by 31 bits, and then by
    ``right``, away from zero."""
    return _once(_halved(codes, right), BITS)


def _halved(codes: np.ndarray, right: np.ndarray | int) -> np.ndarray:
    """Computes where an integer reaches codes if its division by ``2**right`` is rounded away from
    zero."""
    half = 1 << right >> 1
    return codes * (1 << right) - half + ((codes <= 0) & (half > 0))

"""Multipliers of more than 31 bits, for quantizers with too many codes for thresholds.

The multiplier and the offset of a shift are those of the real line, rounded to it. They are right
if the integers on both sides of each threshold get their codes; the shift grows until they do. A
line of binary fractions is taken as it is, and rounded half to even."""

from fractions import Fraction
from math import floor

import numpy as np

from ...exact.limbs import LIMB, MOST, NARROW, WIDEST, shifted
from ...exact.num import Rounding, round_shift
from ...exact.scaled import Scaled, Steps
from ...graph import Tensor
from ...layers import Clamp, Quantize, Quantizer, Relu
from ...ops.requantize import RealLine as Line
from ..chain import after
from .thresholds import Seen

__all__ = ["straight", "wide"]

BITS = 56
"""Most bits of a multiplier."""


def straight(op: Quantizer, ways: list[Seen], x: Tensor) -> list[Line] | None:
    """Computes the line of each channel to the codes of ``op``, less their zero point; None if a
    layer of ``ways`` has none.

    Layers that limit values are left out, as they limit codes too."""
    if not isinstance(op, Quantize):
        return None
    half = Fraction(op.rounding != Rounding.FLOOR, 2)
    lines: list[Line] = []
    for *way, _ in ways:
        line: Line | None = x.line
        for layer, channel in way:
            if not isinstance(layer, Relu | Clamp):
                line = line and after(line, layer, channel)
        if line is None:
            return None
        lines.append((line[0] / op.scale, line[1] / op.scale + half))
    return lines


def wide(steps: Steps, lines: list[Line]) -> Scaled | None:
    """Finds multipliers, offsets and the least shift that compute ``steps``; None if there are
    none of at most 56 bits."""
    if exact := _exact(steps, lines):
        return exact
    most = max(abs(slope) for slope, _ in lines)
    if steps.size >= WIDEST or not most:
        return None
    low, top, best = 0, 0, None
    while most * (1 << top + 1) < 1 << BITS:
        top += 1
    shift = top
    while low <= top:
        if found := _right(steps, lines, shift):
            best, top = found, shift - 1
        elif best is None:
            return None
        else:
            low = shift + 1
        shift = (low + top) // 2
    return best


def _exact(steps: Steps, lines: list[Line]) -> Scaled | None:
    """The line itself, if its numbers are binary fractions and ties go to the even code."""
    numbers = [(slope, offset - Fraction(1, 2)) for slope, offset in lines]
    one = max(n.denominator for line in numbers for n in line)
    if steps.size >= 1 << 30 or any(one % n.denominator or abs(n) * one >= 1 << 31
                                    for line in numbers for n in line) or one & one - 1:
        return None
    multiplier, offset = (np.array([int(n * one) for n in part], np.int64)
                          for part in zip(*numbers, strict=True))
    shift = one.bit_length() - 1
    rising = np.where(steps.falls, -multiplier, multiplier)[:, None]
    return _checked(steps, Scaled(multiplier, offset, shift, Rounding.HALF_EVEN), *(
        round_shift(ends * rising + offset[:, None], shift, Rounding.HALF_EVEN)
        for ends in (steps.first, steps.last)))


def _right(steps: Steps, lines: list[Line], shift: int) -> Scaled | None:
    """The rounded line of a shift, if it is right."""
    multiplier = np.array([round(slope * (1 << shift)) for slope, _ in lines], np.int64)
    offset = np.array([floor(offset * (1 << shift)) for _, offset in lines], object)
    if int(np.abs(multiplier).max()) * steps.size + int(np.abs(offset).max()) >= (
            MOST if shift >= LIMB else NARROW):
        return None
    rising = np.where(steps.falls, -multiplier, multiplier)[:, None]
    small = all(abs(int(o)) < NARROW for o in offset)
    made = Scaled(multiplier, offset.astype(np.int64) if small else offset, shift)
    return _checked(steps, made, *(shifted(ends, rising, offset[:, None], shift)
                                  for ends in (steps.first, steps.last)))


def _checked(steps: Steps, made: Scaled, behind: np.ndarray, before: np.ndarray) -> Scaled | None:
    """Returns ``made`` if the codes behind and before all thresholds are right."""
    right = ((behind >= steps.codes) | (steps.first > steps.hi[:, None])) & (
        (before < steps.codes) | (steps.last < steps.lo[:, None]))
    return made if right.all() else None

"""Requantization by multiplier and shift, as in integer-only networks.

Jacob et al., 2018 (arXiv 1712.05877), section 2.2, with a single rounding."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from ..errors import ModelError
from ..exact.limbs import LIMB, MOST, NARROW, WIDEST, shifted
from ..exact.line import Both, Line, Lines, Mixed, line
from ..exact.num import Int, Rounding, round_shift
from ..exact.scaled import Scaled
from ..graph import Op, Tensor
from ..hw.units.requant import RequantUnit
from ..layers import Rescale
from ..layers.rescale import WORD
from ..layers.spec import Arrays, CodesSpec, Said, Spec, Whole
from ..schedule import Channel, Net
from ..tools.hdl import Component
from .op import Lanewise

__all__ = ["RealLine", "Requantize", "direct", "requantize"]

RealLine = tuple[Fraction, Fraction]
"""Slope and offset of a channel, from its integer to its code before that is rounded down."""


@dataclass(frozen=True, eq=False)
class Requantize(Lanewise):
    """``clip(round((x * multiplier + offset) / 2**shift) + zero)``.

    With ``first_shift`` it rounds twice, as gemmlowp does with 31: half up by that shift, then by
    ``shift``, there ties away from zero. With ``away`` (channels,), at least 0, it rounds half up,
    after negative sums are less by that: by 1 it is half away from zero.

    ``multiplier`` and ``offset`` are (channels,); ``scale`` is the value of a step of the code. The
    code of the real 0 is ``zero + offset_zero``: the second is in ``offset`` already, because it is
    rounded with the sum.
    """

    kind = "requantize"

    multiplier: np.ndarray
    offset: np.ndarray
    shift: int
    codes: Int
    zero: int = 0
    rounding: Rounding = Rounding.HALF_UP
    scale: Fraction = Fraction(1)
    first_shift: int = 0
    pe: int = 1
    offset_zero: int = 0
    away: np.ndarray | None = None

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        x.needs_channels(len(self.multiplier), "multipliers")
        if x.codes is not None:
            most = (x.value * Int.of(self.multiplier) + Int.of(self.offset)).size
            wide = self.wide and x.value.size < WIDEST
            if most >= (bound := MOST if wide else NARROW):
                raise ModelError(f"its products reach {most}, more than {bound.bit_length() - 1} "
                                 f"bits")
        return Tensor(x.shape, self.codes, self.scale, Fraction(self.zero + self.offset_zero))

    @property
    def wide(self) -> bool:
        """Whether products may need more than 62 bits."""
        large = Int.of(self.multiplier).size >= 1 << 31 or Int.of(self.offset).size >= NARROW
        return (large and self.shift >= LIMB and self.rounding is Rounding.FLOOR
                and not self.first_shift and self.away is None)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x = xs[0].astype(np.int64)
        if self.wide:
            scaled = shifted(x, self.multiplier, self.offset, self.shift)
            return np.clip(scaled + self.zero, self.codes.lo, self.codes.hi)
        scaled = round_shift(x * self.multiplier + self.offset, self.first_shift, Rounding.HALF_UP)
        if self.away is not None:
            scaled = scaled - np.where(scaled < 0, self.away, 0)
        scaled = round_shift(scaled, self.shift, self.rounding)
        return np.clip(scaled + self.zero, self.codes.lo, self.codes.hi)

    def prepared(self, *xs: Tensor) -> Callable[..., np.ndarray]:
        """Prepares one product and one sum of floats where they are equal to ``evaluate``."""
        return _line(self, xs[0].value) or super().prepared(*xs)

    def unit(self, *xs: Tensor) -> Component:
        x, = xs
        return RequantUnit(self.multiplier, self.offset, self.shift, self.zero, self.rounding,
                           first_shift=self.first_shift, away=self.away, x=x.integer, y=self.codes,
                           pe=self.pe)

    def stream(self, net: Net, ins: tuple[Channel, ...], *xs: Tensor) -> Channel:
        return net.register(net.gate(ins[0], self.pe, self.multiplier))

    def schedule(self, arrivals: Any, *xs: Tensor) -> np.ndarray:
        return arrivals + 1


@lru_cache(maxsize=1024)
def _line(op: Requantize, x: Int) -> Lines | None:
    """The operation as lines that are proven for the integers in ``x``; None if there are none."""
    shift = op.shift + op.first_shift
    slope = op.multiplier * 2.0**-shift
    # results are multiples of 2**-shift: half of that keeps them away from the codes' edges
    offset = (op.offset.astype(np.float64) + 0.5) * 2.0**-shift + op.zero
    if op.rounding is not Rounding.FLOOR:
        offset += 0.5
    lo, zero, hi = op.codes.lo, op.zero, op.codes.hi
    if op.away is None or not lo < zero < hi:
        return line(op.evaluate, x, slope, offset, op.codes)

    def part(codes: Int, offset: np.ndarray) -> Line | Mixed | None:
        return line(lambda v: np.clip(op.evaluate(v), codes.lo, codes.hi), x, slope, offset, codes)

    above = part(Int(zero, hi), offset)
    below = above and part(Int(lo, zero), offset - op.away * 2.0**-shift)
    return Both(above, below, zero) if above and below else None


class RequantizeSpec(Spec, CodesSpec):
    type: Literal["requantize"]
    shift: Annotated[Whole, Field(ge=0, le=48)]
    first_shift: Annotated[Whole, Field(ge=0, le=48)] = 0
    rounding: Rounding = Rounding.HALF_UP

    def op(self, arrays: Arrays) -> Requantize:
        multiplier = arrays.integer(f"{self.name}.multiplier", (-1,))
        offset = f"{self.name}.offset"
        return Requantize(
            multiplier,
            arrays.integer(offset, multiplier.shape) if offset in arrays
            else np.zeros_like(multiplier),
            self.shift, self.interval, self.zero_point, self.rounding, self.scale,
            self.first_shift)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Requantize) or op.away is not None:
            return None
        first = {"first_shift": op.first_shift} if op.first_shift else {}
        return ({"shift": op.shift, **first, **cls.format_keys(
            op.codes, op.scale, op.zero, op.rounding, Rounding.HALF_UP)},
            {"multiplier": op.multiplier, "offset": op.offset})


def direct(op: Rescale, lines: list[RealLine], x: Tensor) -> Requantize | None:
    """Makes the file's own multipliers, with one shift for all channels.

    ``op`` has the file's numbers, ``lines`` the slopes and offsets of the integers ``x`` before it.
    None if the resulting numbers are not integers, or are too large. A number that the file rounds
    twice is rounded half up after one step of the first rounding is subtracted if it is negative.
    """
    if any(n.denominator > 1 for line in lines for n in line):
        return None
    slopes, offsets = (np.array([int(n) for n in part], object)
                       for part in zip(*lines, strict=True))
    m, shift = (np.broadcast_to(v, len(lines)).astype(object) for v in (op.multiplier, op.shift))
    ends = np.stack([slopes * end + offsets for end in (x.value.lo, x.value.hi)])
    if not op.single and Int.of(ends << np.maximum(shift, 0)) | WORD != WORD:
        return None
    common = int((31 - shift).max())
    factor = m << (common - 31 + shift)
    right = np.zeros_like(shift) if op.single else np.maximum(-shift, 0)
    step = np.where(right > 0, 1 << np.maximum(common - right, 0), 0)
    numbers = np.stack([factor * slopes, factor * offsets + step // 2, step])
    spare = min(int(n & -n).bit_length() - 1 for n in (*numbers.ravel(), 1 << common) if n)
    numbers, common = numbers >> spare, common - spare
    if max(abs(int(n)) for n in numbers.ravel()) >= NARROW:
        return None
    multiplier, offset, away = numbers.astype(np.int64)
    found = Scaled(multiplier, offset, common, Rounding.HALF_UP, away if away.any() else None)
    codes = Int.of(op.evaluate(ends) - op.zero)
    return requantize(found, x, codes, op.zero, op.scale)


def requantize(found: Scaled, x: Tensor, codes: Int, zero: int, scale: Fraction
                ) -> Requantize | None:
    """Makes the operation with the codes that occur; None if its sums do not fit.

    Parameters
    ----------
    found : the numbers
    x : the integers' format
    codes : interval of the codes, without their zero point
    zero, scale : zero point and scale of the codes"""
    total = x.value * Int.of(found.multiplier) + Int.of(found.offset)
    most = 0 if found.away is None else int(found.away.max())
    made = Requantize(found.multiplier, found.offset, found.shift,
                      Int(codes.lo + zero, codes.hi + zero), zero, found.rounding, scale,
                      away=found.away)
    return made if made.wide or total.size + most < NARROW else None

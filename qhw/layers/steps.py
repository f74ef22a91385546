"""Step functions of other tools' networks: thresholds, truncation, requantizing shifts."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from ..exact.cut import Cut
from ..exact.cuts import Cuts
from ..exact.num import Int, Rounding
from ..graph import Op, Tensor
from .quantize import Quantizer
from .spec import Arrays, Number, Said, Scale, Spec, written

__all__ = ["MultiThreshold", "ShiftRound", "Truncate"]


@dataclass(frozen=True, eq=False)
class MultiThreshold(Quantizer):
    """FINN's MultiThreshold: ``scale * (count - zero)``, where ``count`` is the number of
    thresholds that x reaches.

    ``thresholds`` is (channels, levels - 1), or (1, levels - 1) for all channels."""

    kind = "multi_threshold"

    thresholds: np.ndarray
    scale: Fraction = Fraction(1)
    zero: Fraction = Fraction(0)

    @property
    def format(self) -> Tensor:
        return Tensor((), Int(0, self.thresholds.shape[1]), self.scale, self.zero)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return (x[..., None] >= self.thresholds).sum(axis=-1)

    def cuts(self, channel: int) -> Iterable[Cut]:
        row = self.thresholds[channel % len(self.thresholds)]
        return [Cut.at(float(t)) for t in np.sort(row)]


@dataclass(frozen=True)
class Truncate(Quantizer):
    """QONNX's Trunc: codes of the scale ``x_scale`` lose their lowest ``shift`` bits.

    ``code = clip(rounding(round(x / x_scale + x_zero) / 2**shift))``; it is worth
    ``scale * (code - zero)``.
    """

    kind = "truncate"
    alike = True

    codes: Int
    x_scale: Fraction
    x_zero: Fraction
    shift: int
    scale: Fraction
    zero: Fraction = Fraction(0)
    rounding: Rounding = Rounding.FLOOR

    @property
    def format(self) -> Tensor:
        return Tensor((), self.codes, self.scale, self.zero)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        whole = np.rint(x / float(self.x_scale) + float(self.x_zero))
        steps = self.rounding.real(whole / 2.0**self.shift)
        return np.clip(steps, self.codes.lo, self.codes.hi).astype(np.int64)

    def cuts(self, channel: int) -> Iterable[Cut]:
        found: list[Cut] = []
        for k in range(self.codes.lo + 1, self.codes.hi + 1):
            edge, strict = self.rounding.reaches(k)
            whole = Cut(edge * (1 << self.shift), strict).first()
            t, strict = Rounding.HALF_EVEN.reaches(whole)
            found.append(Cut((t - self.x_zero) * self.x_scale, strict))
        return found


@dataclass(frozen=True, eq=False)
class ShiftRound(Quantizer):
    """``clip(floor((x * multiplier + offset) / divisor + 1/2))``: integer networks' RequantShift.

    ``multiplier`` and ``offset`` are (channels,) or (1,) integers.
    """

    kind = "requant_shift"

    multiplier: np.ndarray
    offset: np.ndarray
    divisor: int
    codes: Int
    scale: Fraction = Fraction(1)

    @property
    def format(self) -> Tensor:
        return Tensor((), self.codes, self.scale)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        # Integers far below 2**53, so that nothing is rounded before the floor.
        steps = np.floor((x * self.multiplier + self.offset + self.divisor // 2) / self.divisor)
        return np.clip(steps, self.codes.lo, self.codes.hi).astype(np.int64)

    def cuts(self, channel: int) -> Iterable[Cut]:
        slope = Fraction(int(self.multiplier[channel % len(self.multiplier)]), self.divisor)
        offset = Fraction(int(self.offset[channel % len(self.offset)]) + self.divisor // 2,
                          self.divisor)
        edges = [(Fraction(k), False) for k in range(self.codes.lo + 1, self.codes.hi + 1)]
        return Cuts.of(edges).through_affine(slope, offset)


class MultiThresholdSpec(Spec):
    type: Literal["multi_threshold"]
    scale: Scale = Fraction(1)
    zero: Number = Fraction(0)

    def op(self, arrays: Arrays) -> MultiThreshold:
        """Makes the layer, whose thresholds may come in any order."""
        thresholds = arrays.real(f"{self.name}.thresholds", (-1, -1))
        return MultiThreshold(np.sort(thresholds, axis=1), self.scale, self.zero)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, MultiThreshold):
            return None
        return {"scale": written(op.scale), "zero": written(op.zero)}, {
            "thresholds": op.thresholds}

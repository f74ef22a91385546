"""Functions of one element: monotone ones, which pull cuts back, and others, which need a table."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import erf, pi, sqrt
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..exact.cuts import AnyCut
from ..exact.num import Rounding
from ..graph import Op
from .real import Elementwise, Monotone
from .spec import Arrays, Number, Rationals, Said, Spec, Whole, written

__all__ = ["NAMED", "Clamp", "Divide", "Function", "LeakyRelu", "Round"]


@dataclass(frozen=True)
class LeakyRelu(Monotone):
    """``x`` for x >= 0, otherwise ``slope * x``.

    ``slope`` has one number for each channel, or one for all; each is at least 0."""

    kind = "leaky_relu"
    homogeneous = True

    slope: tuple[Fraction, ...]

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return np.where(x >= 0, x, np.array(self.slope, np.float64) * x)

    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        return cut.through_leaky(self.slope[channel % len(self.slope)])


@dataclass(frozen=True)
class Clamp(Monotone):
    """``min(max(x, lo), hi)``; a limit that is None does not apply."""

    kind = "clamp"
    alike = True

    lo: Fraction | None = None
    hi: Fraction | None = None

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return np.clip(x, -np.inf if self.lo is None else float(self.lo),
                       np.inf if self.hi is None else float(self.hi))

    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        return cut.through_clamp(self.lo, self.hi)


@dataclass(frozen=True)
class Divide(Monotone):
    """A number divided by a positive integer and rounded towards 0, as C and ONNX do it."""

    kind = "divide"
    alike = True

    divisor: int

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return np.trunc(x / self.divisor)

    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        return cut.through_division(self.divisor)


@dataclass(frozen=True)
class Round(Monotone):
    """A number rounded to an integer."""

    kind = "round"
    alike = True

    rounding: Rounding

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        return self.rounding.real(x)

    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        return cut.through_rounding(self.rounding)


@dataclass(frozen=True)
class Function(Elementwise):
    """A function in floating point, such as a sigmoid; before a quantizer it becomes a table, or
    thresholds if it ``rises``, which says that it never falls.

    Each output element depends on one input element alone, because the table has one index."""

    kind = "function"

    name: str
    function: Callable[[np.ndarray], np.ndarray]
    rises: bool = False

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        with np.errstate(all="ignore"):     # beyond floats it is infinite, or no number
            return self.function(x)


class LeakyReluSpec(Spec):
    type: Literal["leaky_relu"]
    slope: Rationals

    def op(self, arrays: Arrays) -> LeakyRelu:
        """Makes the layer; ValueError if a slope is negative."""
        if min(self.slope) < 0:
            raise ValueError(f"Slope {float(min(self.slope)):g} is negative")
        return LeakyRelu(tuple(self.slope))

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, LeakyRelu):
            return None
        slope = op.slope[:1] if len(set(op.slope)) == 1 else op.slope
        return {"slope": [written(v) for v in slope]}, {}


class ClampSpec(Spec):
    type: Literal["clamp"]
    lo: Number | None = None
    hi: Number | None = None

    def op(self, arrays: Arrays) -> Clamp:
        """Makes the layer; ValueError if the lower limit is above the upper one."""
        if self.lo is not None and self.hi is not None and self.lo > self.hi:
            raise ValueError(f"The limit {float(self.lo):g} is above {float(self.hi):g}")
        return Clamp(self.lo, self.hi)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Clamp):
            return None
        return {name: written(v) for name, v in (("lo", op.lo), ("hi", op.hi)) if v is not None}, {}


class DivideSpec(Spec):
    type: Literal["divide"]
    divisor: Annotated[Whole, Field(ge=1)]

    def op(self, arrays: Arrays) -> Divide:
        """Makes the layer, whose divisor is a whole number."""
        return Divide(self.divisor)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({"divisor": op.divisor}, {}) if isinstance(op, Divide) else None


class RoundSpec(Spec):
    type: Literal["round"]
    rounding: Rounding

    def op(self, arrays: Arrays) -> Round:
        """Makes the layer with one of the ways of rounding."""
        return Round(self.rounding)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        return ({"rounding": op.rounding.value}, {}) if isinstance(op, Round) else None


def _sigmoid(x: np.ndarray) -> np.ndarray:
    """Without powers that overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


NAMED = {function.name: function for function in (
    Function("sigmoid", _sigmoid, True), Function("tanh", np.tanh, True), Function("abs", np.abs),
    Function("exp", np.exp, True), Function("sqrt", np.sqrt, True),
    Function("erf", np.vectorize(erf), True),
    Function("softplus", lambda x: np.logaddexp(x, 0), True),
    Function("hardswish", lambda x: x * np.clip(x / 6 + .5, 0, 1)),
    Function("softsign", lambda x: x / (1 + np.abs(x)), True),
    Function("gelu", lambda x: x / 2 * (1 + np.vectorize(erf, [float])(x / sqrt(2)))),
    Function("gelu_tanh", lambda x: x / 2 * (1 + np.tanh(sqrt(2 / pi) * (x + .044715 * x**3)))),
    Function("mish", lambda x: x * np.tanh(np.logaddexp(x, 0))))}
"""Functions without parameters, by their names."""


class FunctionSpec(Spec):
    type: Literal["function"]
    function: str

    def op(self, arrays: Arrays) -> Function:
        """Finds the function; ValueError if no function has this name."""
        if self.function not in NAMED:
            raise ValueError(f"Function {self.function!r:.40} should be one of {', '.join(NAMED)}")
        return NAMED[self.function]

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, Function) or NAMED.get(op.name) != op:
            return None
        return {"function": op.name}, {}

"""The network's input: integer codes, or real values that the host quantizes to codes."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Annotated

import numpy as np
from pydantic import Field

from ..errors import ModelError
from ..exact.formats import Coded
from ..exact.held import holding
from ..exact.num import Int, Rounding
from ..graph import Op, Tensor
from ..tools.typed import Json
from .nearest import quantized
from .quantize import Quantize
from .spec import Arrays, CodesSpec, Said, Whole

__all__ = ["Input", "InputSpec"]


@dataclass(frozen=True, eq=False)
class Input(Op):
    """``real = scale * (code - zero)``; without ``codes`` the input is real.

    Parameters
    ----------
    steps : layers that the host computes on real values before they are quantized
    order : (size,), the index of each element in a sample as the user gives it, of shape ``given``
    coded : the format of the codes, if they are not the integers themselves"""

    kind = "input"
    integer = True

    shape: tuple[int, ...]
    codes: Int | None
    scale: Fraction = Fraction(1)
    zero: Fraction = Fraction(0)
    rounding: Rounding = Rounding.HALF_EVEN
    steps: tuple[Op, ...] = ()
    order: np.ndarray | None = None
    given: tuple[int, ...] = ()
    coded: Coded | None = None

    def infer(self, *xs: Tensor) -> Tensor:
        return Tensor(self.shape, self.codes, self.scale, self.zero, self.coded)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        """Computes the codes of samples (N, *shape): integer samples are codes already, real ones
        are quantized.

        ModelError if the samples do not fit the input."""
        x = self._ours(*xs)
        if self._coded(x):
            return self._checked(x).astype(np.int64)
        if x.dtype.kind not in "fiub":
            raise ModelError(f"Input must be integer or floating point, not {x.dtype}")
        with np.errstate(over="ignore"):    # numbers beyond float64 are refused
            x = x.astype(np.float64)
        if not np.isfinite(x).all():
            raise ModelError("Input must be finite, and it has a NaN or an infinity")
        if self.codes is None:
            return x
        with np.errstate(over="ignore"):    # numbers beyond float64 are clipped
            return self._quantized(x)

    def prepared(self, *xs: Tensor) -> Callable[..., np.ndarray]:
        if self.codes is None:
            return self.evaluate
        kind = holding(self.codes.size)

        def codes(x: np.ndarray) -> np.ndarray:
            if self._coded(x):
                return self._checked(self._ours(x)).astype(kind)
            return self.evaluate(x).astype(kind)

        return codes

    def _coded(self, x: np.ndarray) -> bool:
        """Whether samples are codes already."""
        return x.dtype.kind in "iub" and self.codes is not None and len(self.steps) < 2

    def _quantized(self, x: np.ndarray) -> np.ndarray:
        """Codes of real samples."""
        assert self.codes is not None
        if self.steps or self.zero.denominator == 1:
            return quantized(x, self.steps or (
                Quantize(self.codes, self.scale, int(self.zero), self.rounding),))
        steps = self.rounding.real(x / float(self.scale) + float(self.zero))
        return np.clip(steps, self.codes.lo, self.codes.hi).astype(np.int64)

    def _checked(self, x: np.ndarray) -> np.ndarray:
        """Codes; ModelError if there are others."""
        assert self.codes
        try:
            return self.codes.check(x, "Input codes")
        except ValueError as e:
            raise ModelError(str(e)) from None

    def _ours(self, x: np.ndarray) -> np.ndarray:
        """The samples in our order of elements."""
        wanted = self.given or self.shape
        if x.shape[1:] != wanted:
            raise ModelError(f"Input must be (samples, {', '.join(map(str, wanted))}), "
                             f"not {x.shape}")
        if not len(x):
            raise ModelError("Input must have at least one sample")
        if self.order is None:
            return x
        return x.reshape(len(x), -1)[:, self.order].reshape(len(x), *self.shape)


class InputSpec(CodesSpec):
    """The table ``[input]`` of a ``model.toml``."""

    shape: Annotated[list[Annotated[Whole, Field(ge=1)]], Field(min_length=1, max_length=4)]

    real: bool = False
    given: Annotated[list[Annotated[Whole, Field(ge=1)]],
                     Field(min_length=1, max_length=4)] | None = None

    def without_codes(self) -> bool:
        """Whether the key ``real`` says that the numbers are real."""
        return self.real

    def op(self, arrays: Arrays) -> Input:
        """Makes the layer; ModelError if the array ``input.order`` is no order of its elements."""
        shape, order = tuple(self.shape), None
        if self.given is not None:
            order = arrays.integer("input.order", (prod(shape),))
            if prod(self.given) != len(order) or not np.array_equal(np.sort(order),
                                                                    np.arange(len(order))):
                raise ModelError(f"{arrays.path}: input.order must be an order of the "
                                 f"{prod(self.given)} elements that are given")
        given = tuple(self.given or ())
        if self.real:
            return Input(shape, None, order=order, given=given)
        return Input(shape, self.interval, self.scale, Fraction(self.zero_point), self.rounding,
                     order=order, given=given)

    @classmethod
    def table(cls, op: Input) -> Said | None:
        """Describes an input; None if this table cannot."""
        keys: dict[str, Json] = {"shape": list(op.shape)}
        if op.codes is None:
            keys["real"] = True
        elif op.zero.denominator == 1:
            keys |= cls.format_keys(op.codes, op.scale, int(op.zero), op.rounding)
        if op.coded is not None or op.steps or op.codes is not None and op.zero.denominator > 1:
            return None
        if op.order is None or (np.array_equal(op.order, np.arange(len(op.order)))
                                and (op.given or op.shape) == op.shape):
            return keys, {}
        return keys | {"given": list(op.given or op.shape)}, {"order": op.order}

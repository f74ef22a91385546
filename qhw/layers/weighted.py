"""Base classes of layers with quantized weights."""

from functools import cached_property
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field

from .. import limits
from ..errors import ModelError
from ..exact.num import Int
from ..graph import Op, PeSimd
from ..schemes import Codes, Scheme, make
from ..tools.typed import Json, is_table
from .floating import Floating
from .spec import Arrays, Said, Spec, Strict, Whole

__all__ = ["Weighted", "WeightedSpec", "weights_said"]


class Weighted(Op):
    """A layer with weights: codes of the ``scheme`` (outputs, codes), and ``bias`` (outputs,) or
    None.

    ``fold`` is PE and SIMD if the model asks for a fold. Subclasses are dataclasses with these
    fields."""

    scheme: Scheme
    weights: Codes
    bias: np.ndarray | None
    fold: PeSimd | None

    @cached_property
    def integers(self) -> np.ndarray:
        """The integers that the codes stand for, (outputs, inputs of one group)."""
        return self.scheme.decode(self.weights.codes, self.weights.table)

    @property
    def real(self) -> np.ndarray:
        """The weights, float64."""
        return self.integers * self.weights.scale.astype(np.float64).reshape(-1, 1)

    @property
    def added(self) -> np.ndarray:
        """Returns the bias, or zeros if there is none, (outputs,)."""
        return np.zeros(len(self.integers)) if self.bias is None else self.bias


def _scheme(value: Any) -> Scheme | None:
    """A name, or a table with a name and the scheme's parameters; None is of "float"."""
    if value == "float":
        return None
    options = dict(value) if is_table(value) else {"name": value}
    return make(str(options.pop("name", None)), options)


AnyScheme = Annotated[Scheme | None, BeforeValidator(_scheme)]


class FoldSpec(Strict):
    """PE and SIMD that the model's file asks for."""

    pe: Annotated[Whole, Field(ge=1)]
    simd: Annotated[Whole, Field(ge=1)]


class WeightedSpec(Spec):
    """Layers with weights, (units, inputs of one output)."""

    units: Annotated[Whole, Field(ge=1)]
    scheme: AnyScheme
    per_channel: bool = True
    bias: bool | None = None
    fold: FoldSpec | None = None

    def _bias(self, arrays: Arrays) -> np.ndarray | None:
        bias = f"{self.name}.bias"
        has_bias = bias in arrays if self.bias is None else self.bias
        return arrays.real(bias, (self.units,)) if has_bias else None

    @property
    def _fold(self) -> PeSimd | None:
        return PeSimd(self.fold.pe, self.fold.simd) if self.fold else None

    def _real(self, arrays: Arrays) -> np.ndarray:
        """Real weights; ModelError if one is larger than a scale may be, so that sums of squares
        stay in float64."""
        real = arrays.real(name := f"{self.name}.weight", (self.units, -1))
        if (most := np.abs(real).max()) > 2.0**limits.EXPONENT:
            raise ModelError(f"{arrays.path}: {name} reaches {most:g}, more than "
                             f"2**{limits.EXPONENT}")
        return real

    def _weights(self, arrays: Arrays, scheme: Scheme) -> Codes:
        """Codes, scale and table as stored, or the scheme's own of the real weights."""
        name = f"{self.name}.codes"
        if name not in arrays:
            return scheme.quantize(self._real(arrays), per_channel=self.per_channel)
        codes = arrays.integer(name, (scheme.rows(self.units), -1))
        scale = arrays.positive(f"{self.name}.scale", (), (self.units,))
        shapes = scheme.tables(codes)
        table = arrays.integer(f"{self.name}.table", *shapes) if shapes else None
        if table is not None and Int.of(table).width > limits.TABLE_BITS:
            raise ModelError(f"{arrays.path}: {self.name}.table reaches {Int.of(table).size}, more "
                             f"than {limits.TABLE_BITS} bits")
        found = Codes(codes, scale, table)
        foreign = codes[~np.isin(codes, scheme.codes(table))]
        if foreign.size:
            raise ModelError(f"{arrays.path}: {name} has {foreign.flat[0]}, "
                             f"which is no code of {scheme}")
        return found


def weights_said(op: Floating | Weighted) -> Said:
    """The keys and arrays that all layers with weights have."""
    bias = {} if op.bias is None else {"bias": op.bias}
    keys: dict[str, Json] = {"units": len(op.real)}
    if isinstance(op, Floating):
        return keys | {"scheme": "float"}, {"weight": op.weight, **bias}
    table = {} if op.weights.table is None else {"table": op.weights.table}
    keys["scheme"] = op.scheme.described
    if op.fold is not None:
        keys["fold"] = {"pe": op.fold.pe, "simd": op.fold.simd}
    return keys, {"codes": op.weights.codes, "scale": op.weights.scale, **table, **bias}

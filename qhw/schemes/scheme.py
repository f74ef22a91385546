"""The interface of a weight format, one subclass a file; ``decode`` is its definition.

A layer's weights are codes (outputs, inputs); each code stands for an exact integer times a scale.
Learned integers (a codebook, scales of several planes) form the *table*. The gates are one of the
families in ``pe``.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..exact.formats import MiniFloat, Power, Wire
from ..exact.num import Int
from ..pe import Element, Floats, Logs
from ..tools.members import enrol
from ..tools.typed import JsonObject

__all__ = ["Codes", "Scheme", "Stage", "by_row", "scales", "table_bits", "to_integers"]


@dataclass(frozen=True, eq=False)
class Codes:
    """Quantized weights: real = ``scale * decode(codes, table)``."""

    codes: np.ndarray
    """Unsigned, (outputs, inputs), or fewer columns if a code covers several inputs."""
    scale: np.ndarray
    """Float64, (outputs,), or () for one scale a tensor; lowering folds it into thresholds."""
    table: np.ndarray | None = None
    """Integers needed to decode the codes, of a shape in ``Scheme.tables``; None if none are."""


class Stage(NamedTuple):
    """One of the products of a factorized layer, in order of computation."""

    scheme: "Scheme"
    codes: np.ndarray
    table: np.ndarray | None = None
    gains: np.ndarray | None = None
    """Factors of the outputs before the next stage, (outputs,); None for 1."""


class Scheme(ABC):
    """A weight format; subclasses are frozen dataclasses, registered by their ``name``."""

    name: ClassVar[str]
    family: ClassVar[str]
    """The kind of gates, in a few words."""
    multiplier_free: bool = False
    citation: ClassVar[str]
    """Authors, title, year, arXiv number."""
    registry: ClassVar[dict[str, type["Scheme"]]] = {}
    group: int = 1
    """Inputs covered by one code."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        enrol(Scheme.registry, cls.name, cls)

    def __str__(self) -> str:
        parts = [f"{f.name}={getattr(self, f.name)}" for f in fields(self)]  # pyright: ignore[reportArgumentType]
        return f"{self.name}:{','.join(parts)}" if parts else self.name

    @property
    def text(self) -> str:
        """Returns the shortest text that ``parse`` makes the scheme of, such as ``fixed:bits=3``.
        """
        options = ",".join(f"{f.name}={getattr(self, f.name)}" for f in fields(self)  # pyright: ignore[reportArgumentType]
                           if getattr(self, f.name) != f.default)
        return f"{self.name}:{options}" if options else self.name

    @property
    def described(self) -> str | JsonObject:
        """Makes the scheme's entry in ``model.toml``: a name, or a table with the parameters that
        differ from their defaults."""
        options = {f.name: getattr(self, f.name) for f in fields(self)  # pyright: ignore[reportArgumentType]
                   if getattr(self, f.name) != f.default}
        return {"name": self.name, **options} if options else self.name

    # -- each format defines these

    @abstractmethod
    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Quantizes real weights ``w`` (outputs, inputs), with one scale an output or one for all.

        ValueError if the format cannot represent a matrix of this shape.
        """

    @abstractmethod
    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects the gates for integer activations, decoding with ``table``."""

    # -- defaults; a format overrides only those it changes

    def decode(self, codes: np.ndarray, table: np.ndarray | None = None) -> np.ndarray:
        """Decodes ``codes`` with ``table`` to integers, int64 (outputs, inputs)."""
        element = self.element(table)
        parts = element.weights(codes)
        return np.einsum("rpi,rp->ri", parts, self.factors(len(codes), table))

    def factors(self, outputs: int, table: np.ndarray | None = None) -> np.ndarray:
        """Returns the factors of the element's sums, (outputs, parts), integers."""
        return np.ones((outputs, 1), np.int64)

    def fit(self, w: np.ndarray, x: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Quantizes weights for given inputs; formats that ignore inputs call ``quantize``.

        Parameters
        ----------
        w : real weights (outputs, inputs)
        x : sample inputs (samples, inputs), real
        per_channel : one scale an output, or one for all
        """
        return self.quantize(w, per_channel=per_channel)

    def stages(self, codes: np.ndarray, table: np.ndarray | None = None) -> list[Stage]:
        """Splits a factorized layer into its products, in order of computation."""
        return [Stage(self, codes, table)]

    @property
    def factorized(self) -> bool:
        """Whether a layer becomes several products; such a layer has no fold of its own."""
        return type(self).stages is not Scheme.stages

    def rows(self, outputs: int) -> int:
        """Returns the rows of the codes for a layer of ``outputs`` outputs; -1 for any."""
        return outputs

    def tables(self, codes: np.ndarray) -> list[tuple[int, ...]]:
        """Returns the shapes allowed for the table of ``codes``, -1 for any size; empty without a
        table."""
        return []

    def codes(self, table: np.ndarray | None = None) -> np.ndarray:
        """Every code in use, (codes,)."""
        return self.element(table).codes

    @property
    def code_bits(self) -> int:
        """Bits of one code."""
        return self.element().bits

    def gates(self, x: Wire, table: np.ndarray | None = None) -> Element:
        """Selects the gates for activations of format ``x``; ValueError if there are none."""
        element = self.element(table)
        match x:
            case Power():
                values = np.zeros(1 << self.code_bits, np.int64)
                if element.parts > 1 or element.group > 1:
                    raise ValueError(f"{self.name} weights do not take logarithmic activations")
                values[element.codes] = element.weights(element.codes[:, None])[:, 0, 0]
                return Logs(values, element.codes, x)
            case MiniFloat() if isinstance(element, Floats):
                return Floats(element.weight, x)
            case MiniFloat():
                raise ValueError(f"{self.name} weights do not take floating point activations")
            case _:
                return element

    def storage(self, codes: np.ndarray, table: np.ndarray | None = None) -> int:
        """Computes the bits in memory: codes, and the table's integers at the width of the widest.
        """
        return codes.size * self.code_bits + table_bits(table)


def table_bits(table: np.ndarray | None) -> int:
    """Computes the bits of a table of integers, of any shape, all as wide as the widest."""
    return 0 if table is None else table.size * Int.of(table).width


def by_row(w: np.ndarray, per_channel: bool) -> np.ndarray:
    """Reshapes weights (outputs, inputs) to one row for each scale."""
    return w if per_channel else w.reshape(1, -1)


def scales(scale: np.ndarray, per_channel: bool) -> np.ndarray:
    """Reshapes the scales of ``by_row``'s rows (rows,) to (outputs,), or () for one scale."""
    return scale if per_channel else scale[0]


def to_integers(values: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Rounds ``values`` (rows, any) to Q-format: signed integers of ``bits`` bits, and each row's
    scale.

    The scale is the smallest power of two at which the row's largest value does not saturate.
    """
    top = (1 << bits - 1) - 1
    peak = np.abs(values).max(axis=1)
    scale = 2.0 ** np.ceil(np.log2(np.where(peak > 0, peak, 1.0) / (top + 0.5)))
    return np.clip(np.rint(values / scale[:, None]), -top, top).astype(np.int64), scale

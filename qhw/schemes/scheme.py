"""What a number format for weights answers. One subclass a file; ``decode`` is its definition.

A layer's weights are codes of shape (outputs, inputs), each standing for an exact integer times
a scale; where the integers are learned too (a codebook, scales of several planes), they are the
*table*. Gates come from one of the families in ``pe``.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..exact.formats import MiniFloat, Power, Wire
from ..exact.num import Int
from ..pe import Element, Floats, Logs

__all__ = ["Codes", "Scheme", "Stage", "by_row", "scales", "table_bits", "to_integers"]


@dataclass(frozen=True, eq=False)
class Codes:
    """Quantized weights: real = ``scale * decode(codes, table)``."""

    codes: np.ndarray
    """Unsigned, (outputs, inputs), or fewer columns where a code stands for several inputs."""
    scale: np.ndarray
    """Float64, (outputs,) or () for one a tensor; folded away before hardware."""
    table: np.ndarray | None = None
    """Integers that codes are decoded with; the scheme says which."""


class Stage(NamedTuple):
    """One of the products a layer is made of, for schemes that factorize it."""

    scheme: "Scheme"
    codes: np.ndarray
    table: np.ndarray | None = None
    gains: np.ndarray | None = None
    """What its outputs are multiplied by before the next stage."""


class Scheme(ABC):
    """A weight format; subclasses are frozen dataclasses, found by their ``name``."""

    name: ClassVar[str]
    family: ClassVar[str]
    """What the gates are, in a few words."""
    multiplier_free: ClassVar[bool] = False
    citation: ClassVar[str]
    """Authors, title, year, number."""
    registry: ClassVar[dict[str, type["Scheme"]]] = {}
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Other names the scheme is known by, with their parameters."""
    group: int = 1
    """Inputs that one code stands for."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if Scheme.registry.setdefault(cls.name, cls) is not cls:
            raise TypeError(f"Scheme {cls.name!r} is defined twice")

    def __str__(self) -> str:
        parts = [f"{f.name}={getattr(self, f.name)}" for f in fields(self)]  # type: ignore
        return f"{self.name}:{','.join(parts)}" if parts else self.name

    @property
    def described(self) -> str | dict[str, Any]:
        """As in ``model.toml``: a name, or a table with the parameters that are not the default."""
        options = {f.name: getattr(self, f.name) for f in fields(self)  # type: ignore
                   if getattr(self, f.name) != f.default}
        return {"name": self.name, **options} if options else self.name

    # -- what each format says

    @abstractmethod
    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Codes for real weights (outputs, inputs), with a scale an output or one for all."""

    @abstractmethod
    def element(self, table: np.ndarray | None = None) -> Element:
        """The gates, for activations that are integers."""

    # -- what follows; a format overrides only what it changes

    def decode(self, codes: np.ndarray, table: np.ndarray | None = None) -> np.ndarray:
        """The integers the codes stand for, int64 (outputs, inputs)."""
        element = self.element(table)
        parts = element.weights(codes)
        return np.einsum("rpi,rp->ri", parts, self.factors(len(codes), table))

    def factors(self, outputs: int, table: np.ndarray | None = None) -> np.ndarray:
        """(outputs, parts): what the element's sums are multiplied by."""
        return np.ones((outputs, 1), np.int64)

    def fit(self, w: np.ndarray, x: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Codes that suit the sample inputs ``x`` (samples, inputs), where the scheme looks."""
        return self.quantize(w, per_channel=per_channel)

    def stages(self, codes: np.ndarray, table: np.ndarray | None = None) -> list[Stage]:
        """The products a layer is made of, in order."""
        return [Stage(self, codes, table)]

    def rows(self, outputs: int) -> int:
        """Rows of the codes of a layer with so many outputs, or -1 for any."""
        return outputs

    def tables(self, codes: np.ndarray) -> list[tuple[int, ...]]:
        """Shapes that the table for such codes can have, -1 for any; none if there is none."""
        return []

    def codes(self, table: np.ndarray | None = None) -> np.ndarray:
        """Every code a weight can have."""
        return self.element(table).codes

    @property
    def code_bits(self) -> int:
        """Bits of one code."""
        return self.element().bits

    def gates(self, x: Wire, table: np.ndarray | None = None) -> Element:
        """The gates for the activations ``x``; ValueError if there are none."""
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
        """Bits in memory: the codes, and the table's integers in as many bits as they need."""
        return codes.size * self.code_bits + table_bits(table)


def table_bits(table: np.ndarray | None) -> int:
    """Bits of a table of integers, all as wide as the widest."""
    return 0 if table is None else table.size * Int.of(table).width


def by_row(w: np.ndarray, per_channel: bool) -> np.ndarray:
    """The weights with a row for each scale."""
    return w if per_channel else w.reshape(1, -1)


def scales(scale: np.ndarray, per_channel: bool) -> np.ndarray:
    """The scales of ``by_row``'s rows: (outputs,), or () for one of all."""
    return scale if per_channel else scale[0]


def to_integers(values: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Q-format: the nearest integers (rows, any) of so many signed bits, and each row's scale.

    The scale is the smallest power of two with which the row's largest value does not saturate.
    """
    top = (1 << bits - 1) - 1
    peak = np.abs(values).max(axis=1)
    scale = 2.0 ** np.ceil(np.log2(np.where(peak > 0, peak, 1.0) / (top + 0.5)))
    return np.clip(np.rint(values / scale[:, None]), -top, top).astype(np.int64), scale

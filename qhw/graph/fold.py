"""Folds: how much of a layer's work the hardware does in one cycle."""

from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from math import prod
from typing import ClassVar

from ..errors import ModelError

__all__ = ["KINDS", "LEVELS", "AnyFolds", "Fold", "Folds", "Lanes", "PeSimd", "Spatial", "as_folds"]

LEVELS = 4
"""Default pipeline depth of weights as logic: at most this many adders between registers."""


@dataclass(frozen=True)
class Fold:
    """Base of the kinds of folds; each is a frozen dataclass of whole numbers."""

    words: ClassVar[str]
    """The names of its numbers, in messages."""
    keys: ClassVar[tuple[tuple[str, ...], ...]]
    """The keys that it can have in a file of folds."""

    def __str__(self) -> str:
        return " x ".join(map(str, self.numbers))

    @property
    def numbers(self) -> tuple[int, ...]:
        """Its numbers in their order; a default is left out."""
        return astuple(self)

    @property
    def size(self) -> int:
        """Elements or products a cycle."""
        return prod(self.numbers)

    def json(self) -> dict[str, int]:
        """Returns the fold as it stands in a file of folds."""
        return asdict(self)

    def stranger(self, kind: str, own: "Fold") -> str:
        """Says why a layer called ``kind``, which has folds such as ``own``, has none like this."""
        return f"it has {own.words}, not {self.words}"


@dataclass(frozen=True)
class PeSimd(Fold):
    """``pe`` outputs by ``simd`` inputs of a product a cycle.

    Where the parts of a product's sums come together, ``simd`` parts of ``pe`` outputs.
    """

    words = "PE and SIMD"
    keys = (("pe", "simd"),)

    pe: int
    simd: int


@dataclass(frozen=True)
class Lanes(Fold):
    """``lanes`` elements a cycle, of a layer without a product."""

    words = "lanes"
    keys = (("lanes",),)

    lanes: int


@dataclass(frozen=True)
class Spatial(Fold):
    """Weights become logic: a whole vector a cycle, with at most ``levels`` adders between
    registers."""

    words = "levels"
    keys = (("spatial",), ("spatial", "levels"))

    levels: int = LEVELS

    @property
    def numbers(self):
        return () if self.levels == LEVELS else (self.levels,)

    def json(self):
        return {"spatial": True, **({} if self.levels == LEVELS else {"levels": self.levels})}

    def stranger(self, kind, own):
        return f"a {kind} layer has no weights that can be logic"


KINDS: tuple[type[Fold], ...] = PeSimd, Lanes, Spatial
"""Every kind of fold."""
Folds = Mapping[str, Fold]
"""By layer name."""
AnyFolds = Mapping[str, Fold | tuple[int, ...]]
"""By layer name, also in short: (PE, SIMD), (lanes,), or () for ``Spatial``."""


def as_folds(given: AnyFolds | None) -> dict[str, Fold]:
    """Reads folds that may be written in short; ModelError for other numbers than those."""
    return {name: one if isinstance(one, Fold) else _read(name, tuple(one))
            for name, one in (given or {}).items()}


def _read(name: str, numbers: tuple[int, ...]) -> Fold:
    match numbers:
        case pe, simd:
            return PeSimd(pe, simd)
        case lanes,:
            return Lanes(lanes)
        case ():
            return Spatial()
        case _:
            raise ModelError(f"Fold of {name!r}: {numbers} is neither (PE, SIMD) nor (lanes,)")

"""Folds: the amount of a layer's work that hardware does in one cycle."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import prod
from numbers import Integral
from typing import ClassVar, TypeGuard

from ..errors import ModelError

__all__ = ["KINDS", "LEVELS", "AnyFolds", "Fold", "Folds", "Groups", "Lanes", "PeSimd", "Spatial",
           "Whole", "as_folds"]

LEVELS = 4
"""Default pipeline depth of weights as logic: at most this many adders between registers."""


@dataclass(frozen=True)
class Fold:
    """Base of the kinds of folds; each is a frozen dataclass of integers and words."""

    words: ClassVar[str]
    """The names of its numbers, in messages."""
    keys: ClassVar[tuple[tuple[str, ...], ...]]
    """The keys that it has in a file of folds."""
    optional: ClassVar[tuple[str, ...]] = ()
    """The keys that it can have besides."""

    def __str__(self) -> str:
        words = [value for value in vars(self).values() if isinstance(value, str) and value]
        return " ".join([" x ".join(map(str, self.numbers)), *words])

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the fold in order; an optional 0 is left out."""
        return tuple(value for key, value in vars(self).items()
                     if isinstance(value, int) and (value or key not in self.optional))

    @property
    def size(self) -> int:
        """Number of elements or products in a cycle."""
        return prod(value for key, value in vars(self).items() if key not in self.optional)

    def json(self) -> dict[str, int | str]:
        """Makes the fold's entry in a file of folds."""
        return {key: n for key, n in asdict(self).items() if n or key not in self.optional}

    def stranger(self, kind: str, own: "Fold") -> str:
        """Explains that a layer of the kind ``kind``, which has folds such as ``own``, cannot have
        this fold."""
        return f"it has {own.words}, not {self.words}"


@dataclass(frozen=True)
class PeSimd(Fold):
    """``pe`` outputs by ``simd`` inputs of a product in a cycle, behind ``stages`` registers more
    than it has by itself, multiplied in the scheme's own way or as ``multiply`` says
    (``qhw.engines.ways``), with the weights in memories where the chip's rule puts them or where
    ``memory`` says: in ``block`` RAM or in ``luts``.

    For a combination of partial sums, ``simd`` parts of ``pe`` outputs in a cycle."""

    words = "PE and SIMD"
    keys = (("pe", "simd"),)
    optional = ("stages", "multiply", "memory")

    pe: int
    simd: int
    stages: int = 0
    multiply: str = ""
    memory: str = ""


@dataclass(frozen=True)
class Lanes(Fold):
    """``lanes`` elements in a cycle, for a layer without a product, behind ``stages`` registers
    more."""

    words = "lanes"
    keys = (("lanes",),)
    optional = ("stages",)

    lanes: int
    stages: int = 0


@dataclass(frozen=True)
class Groups(Fold):
    """A whole vector and all outputs of ``groups`` groups in a cycle, for a product with groups,
    behind ``stages`` registers more; ``memory`` as in ``PeSimd``."""

    words = "groups"
    keys = (("groups",),)
    optional = ("stages", "memory")

    groups: int
    stages: int = 0
    memory: str = ""


@dataclass(frozen=True)
class Whole(Fold):
    """The whole window of ``channels`` channels in a cycle, for a layer that slides windows."""

    words = "channels of whole windows"
    keys = (("channels",),)

    channels: int


@dataclass(frozen=True)
class Spatial(Fold):
    """Weights as logic: a whole vector in a cycle, with at most ``levels`` adders between
    registers."""

    words = "levels"
    keys = (("spatial",),)
    optional = ("levels",)

    levels: int = LEVELS

    @property
    def numbers(self) -> tuple[int, ...]:
        return () if self.levels == LEVELS else (self.levels,)

    @property
    def size(self) -> int:
        return prod(self.numbers)

    def json(self) -> dict[str, int | str]:
        return {"spatial": True, **({} if self.levels == LEVELS else {"levels": self.levels})}

    def stranger(self, kind: str, own: "Fold") -> str:
        return f"a {kind} layer has no weights that can be logic"


KINDS: tuple[type[Fold], ...] = PeSimd, Groups, Lanes, Whole, Spatial
"""Every kind of fold."""
Folds = Mapping[str, Fold]
"""By layer name."""
AnyFolds = Mapping[str, Fold | tuple[int, ...]]
"""By layer name, also in short: (PE, SIMD), (lanes,), or () for ``Spatial``."""


def as_folds(given: AnyFolds | None) -> dict[str, Fold]:
    """Parses folds in short or full notation, by layer; ModelError if the numbers are no fold."""
    if not isinstance(given, Mapping | None):   # pyright: ignore[reportUnnecessaryIsInstance]
        raise ModelError(f"Folds map layers' names to folds, and {type(given).__name__} does not")
    return {name: one if isinstance(one, Fold) else _read(name, one)
            for name, one in (given or {}).items()}


def _read(name: str, given: object) -> Fold:
    match _numbers(given):
        case [pe, simd]:
            return PeSimd(pe, simd)
        case [pe, simd, stages]:
            return PeSimd(pe, simd, stages)
        case [lanes]:
            return Lanes(lanes)
        case []:
            return Spatial()
        case _:
            raise ModelError(f"Fold of {name!r}: {given} is neither (PE, SIMD) nor (lanes,)")


def _numbers(given: object) -> list[int] | None:
    """The numbers of a sequence of whole numbers; None for anything else."""
    if not _is_sequence(given):
        return None
    found = [int(n) for n in given if not isinstance(n, bool) and isinstance(n, Integral)]
    return found if len(found) == len(given) else None


def _is_sequence(thing: object) -> TypeGuard[Sequence[object]]:
    return isinstance(thing, Sequence) and not isinstance(thing, str | bytes)

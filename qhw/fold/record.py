"""The question that a search for folds answers, and its result."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isfinite

from ..errors import ModelError
from ..targets.cost import Cost
from ..tools.typed import Known
from .trellis import KINDS

__all__ = ["Goal", "Reached"]


@dataclass(frozen=True)
class Goal:
    """A rate, limits, or both. Without a rate the fastest fold is searched; without limits those of
    the chip apply."""

    fps: float | None = None
    """Inferences per second, at the clock."""
    clock_mhz: float | None = None
    """Clock in MHz; a board's oscillator by default."""
    cycles: int | None = None
    """Most cycles between two inferences."""
    luts: int | None = None
    brams: int | None = None
    dsps: int | None = None
    spatial: bool | None = None
    """Whether weights may become logic in the layers that gain from it; they may by default."""

    def __post_init__(self) -> None:
        for name, value in self.asked.items():
            free = name in (*KINDS, "spatial")
            if not isfinite(value) or value < 0 or value == 0 and not free:
                raise ModelError(f"Goal: {name} must be more than 0, not {value}")

    @property
    def asked(self) -> dict[str, float]:
        """The fields that are set, by name."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: n for name, n in values.items() if n is not None}


@dataclass(frozen=True, eq=False)
class Reached(Known):
    """The result of the search for folds: ``goal`` in the record."""

    asked: Mapping[str, float]
    """The goal's fields that were given."""
    board: str | None
    clock_mhz: float | None
    limits: Mapping[str, int | None]
    """Most that the estimate may say, by kind of resource; None where there is no limit."""
    margin: float
    """Part of the LUTs that is kept for the estimate's error."""
    reserve: Cost
    """Kept for a board's link to the host."""
    folds: Mapping[str, Mapping[str, int | str]]
    """By layer, as in a file of folds."""
    worth: int
    """LUTs that are given for a block RAM in memories that fill little of it."""
    cycles: int
    """Between two inferences."""
    hardware: float
    """Root of the sum of squares of the estimate's shares of the chip, which the search makes
    small."""
    fps: float | None
    """Inferences a second at the clock."""
    bound: Mapping[str, float]
    """``cycles`` or ``hardware`` that no fold within the limits is below."""
    exact: bool
    """Whether the bound is reached."""

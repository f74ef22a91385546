"""Rows of comparisons: the contents of compare.json and explore.json, of their pages and
pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..tools.typed import Known, Maybe

__all__ = ["Asked", "Both", "Comparison", "Exploration", "Row", "RowLayer", "Sweep"]

Asked = Mapping[str, float | str | Mapping[str, tuple[int, ...]]]
"""Options of a point: a goal's fields, board, folds or cycles."""


@dataclass(frozen=True)
class RowLayer:
    """The cost of one unit in a row."""

    name: str
    scheme: str | None
    luts: int
    ffs: int
    brams: int
    dsps: int
    carries: int


@dataclass(frozen=True)
class Both:
    """A figure by the estimate and by synthesis; None where it is not known."""

    estimate: float | None = None
    measured: float | None = None


@dataclass(frozen=True, eq=False)
class Row(Known):
    """One design point: a network in a scheme on a target, with its accuracy and cost.

    All figures are None if the design point failed."""

    pareto: bool = False
    """Whether no other row on the target is better."""
    scheme: str = ""
    target: str = ""
    fold: Asked = field(default_factory=dict[str, str])
    """The fold that was asked for."""
    samples: int | None = None
    correct: int | None = None
    """Samples whose class is right."""
    accuracy: float | None = None
    """0 to 1."""
    luts: int | None = None
    ffs: int | None = None
    brams: int | None = None
    dsps: int | None = None
    carries: int | None = None
    cycles: int | None = None
    """Between two inferences."""
    latency: int | None = None
    """Cycles."""
    storage_bits: int | None = None
    """Bits of all weights in memory."""
    bits_per_weight: float | None = None
    relative_error: float | None = None
    """Squared error of the weights, of their squares."""
    fits: bool | None = None
    """Whether it fits the target."""
    seconds: float | None = None
    """To compute the row."""
    layers: tuple[RowLayer, ...] = ()
    error: str | None = None
    """Why it came to nothing."""
    unquantized_accuracy: Maybe[float] = None
    fmax_mhz: Maybe[Both] = None
    """By logic depth."""
    energy_nj: Maybe[float] = None
    """Nanojoules an inference."""
    uncertainty: Maybe[Mapping[str, float]] = None
    """Relative standard deviation of the estimate, by kind of resource."""
    folds: Maybe[Mapping[str, tuple[int, ...]]] = None
    """PE and SIMD by layer."""

    @property
    def loss(self) -> float:
        """The loss: the fraction of wrong answers, or without labels the weights' relative squared
        error."""
        return (self.relative_error or 0.0) if self.accuracy is None else 1 - self.accuracy

    @property
    def size(self) -> int:
        """The row's LUTs."""
        return self.luts or 0


@dataclass(frozen=True, eq=False)
class Sweep(Known):
    """The rows of one network, and how they were computed."""

    name: str = ""
    qhw: str = ""
    """Version."""
    command: str | None = None
    """That makes it again."""
    synth: bool = False
    """Whether costs are measured."""
    samples: int = 0
    """Samples of the accuracy."""
    computed: int = 0
    """Rows that were not known before."""
    not_kept: str | None = None
    """Why rows could not be kept."""
    seconds: float = 0
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, eq=False)
class Comparison(Sweep):
    """Schemes on one target, the best first."""

    target: str = ""


@dataclass(frozen=True, eq=False)
class Exploration(Sweep):
    """Schemes on several targets with several folds."""

    targets: tuple[str, ...] = ()

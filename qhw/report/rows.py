"""Rows of comparisons: the contents of compare.json and explore.json, of their pages and
pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..quantization.metrics import Metric, metric
from ..schemes import AnyScheme, text_of
from ..tools.typed import Known, Maybe
from .notebook import framed

__all__ = ["Asked", "Both", "Comparison", "Exploration", "Row", "RowLayer", "Sweep", "labels"]

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
    metric: Maybe[str] = None
    """The name of another measure of the answers than the share of right classes."""
    score: Maybe[float] = None
    """The answers by it."""
    unquantized_score: Maybe[float] = None
    fmax_mhz: Maybe[Both] = None
    """By logic depth."""
    energy_nj: Maybe[float] = None
    """Nanojoules an inference."""
    uncertainty: Maybe[Mapping[str, float]] = None
    """Relative standard deviation of the estimate, by kind of resource."""
    folds: Maybe[Mapping[str, tuple[int, ...]]] = None
    """PE and SIMD by layer."""
    command: Maybe[str] = None
    """That builds it."""
    activations: Maybe[str] = None
    """The format that real activations were given."""

    @property
    def measure(self) -> Metric:
        """How answers are judged."""
        return metric(self.metric or "top-1")

    @property
    def value(self) -> float | None:
        """The answers by that measure; None without labels."""
        return self.accuracy if self.metric is None else self.score

    @property
    def judged(self) -> str:
        """The value for people: a share in percent, else a number; a dash without labels."""
        return "\N{EN DASH}" if self.value is None else self.measure.said(self.value)

    @property
    def loss(self) -> float:
        """A number that is smaller for better answers, such as the share of wrong ones; without
        labels the weights' relative squared error."""
        return (self.relative_error or 0.0) if self.value is None else self.measure.loss(self.value)

    @property
    def called(self) -> str:
        """The scheme, and the format of the activations."""
        return f"{self.scheme}, {self.activations}" if self.activations else self.scheme

    @property
    def folded(self) -> str:
        """The fold that was asked for, for people."""
        return " ".join(f"{value} {name}" for name, value in self.fold.items()) or "default fold"

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

    def row(self, scheme: AnyScheme) -> Row:
        """Finds the first row of a scheme, an object or the text it was asked for by; KeyError
        lists the schemes."""
        text = text_of(scheme)
        for one in self.rows:
            if one.scheme == text:
                return one
        raise KeyError(f"{text!r} is not one of {', '.join(row.scheme for row in self.rows)}")

    def _repr_html_(self) -> str:
        return framed("comparison:comparison_html", self)


@dataclass(frozen=True, eq=False)
class Comparison(Sweep):
    """Schemes on one target, the best first."""

    target: str = ""


@dataclass(frozen=True, eq=False)
class Exploration(Sweep):
    """Schemes on several targets with several folds."""

    targets: tuple[str, ...] = ()


def labels(rows: Sequence[Row]) -> list[str]:
    """Tells rows apart: by scheme, and by chip and fold if they have several."""
    several = [any(getattr(row, name) != getattr(rows[0], name) for row in rows)
               for name in ("target", "folded")]
    return [", ".join([row.called, *[row.target] * several[0], *[row.folded] * several[1]])
            for row in rows]

"""The record of a network: the contents of report.json, ``--json`` and report.html.

A part of the record that another package computes is a dataclass of that package."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..asic.liberty import Library
from ..asic.librelane import Clocked
from ..asic.tinytapeout import Tapeout
from ..board.bitstream import OnBoard
from ..board.project import Project
from ..fold.goal import Reached
from ..simulators.selfcheck import Check
from ..targets.cost import SITES, Cost
from ..tools.typed import Here, Json, Known, Maybe, as_json
from ..verilog.about import HostLayer, PortRecord
from .notebook import framed
from .rows import Both, Comparison

__all__ = ["Accuracy", "Activity", "Beat", "Capacity", "LayerRecord", "Record", "Settings",
           "Simulated"]


@dataclass(frozen=True)
class Beat:
    """The format of a stream's beat: the interval and the bits of an element, and the elements."""

    lo: int
    """Least integer of an element."""
    hi: int
    bits: int
    """Bits of an element."""
    lanes: int
    """Elements."""


@dataclass(frozen=True)
class LayerRecord:
    """A unit of the hardware, in stream order; cycles and beats are of one inference."""

    name: str = ""
    kind: str = ""
    about: str = ""
    """In one line."""
    sources: tuple[str, ...] = ()
    """Units that it reads; "" is the input port."""
    depth: int = 0
    """Entries of a queue."""
    cycles: int = 0
    """In which it works for one inference."""
    i: Beat | None = None
    o: Beat | None = None
    estimate: Cost | None = None
    measured: Cost | None = None
    scheme: str | None = None
    """Scheme of its weights, with parameters."""
    uncertainty: Mapping[str, float] | None = None
    """Relative standard deviation of the estimate, by kind of resource."""
    pe: Maybe[int] = None
    """Outputs computed in parallel; for a unit without weights, elements."""
    simd: Maybe[int] = None
    """Inputs of each PE in a cycle."""
    inputs: Maybe[int] = None
    outputs: Maybe[int] = None
    weights: Maybe[int] = None
    """Count."""
    weight_bits: Maybe[int] = None
    """As they are stored."""

    @property
    def cost(self) -> Cost | None:
        """Returns the cost of the unit: measured if it is known, otherwise predicted."""
        return self.measured or self.estimate


@dataclass(frozen=True)
class Capacity:
    """Capacity of a chip; 0 means none, or no fixed number."""

    luts: int = 0
    brams: int = 0
    dsps: int = 0


@dataclass(frozen=True)
class Settings:
    """The settings of the build."""

    schemes: Mapping[str, str] = field(default_factory=dict[str, str])
    """By layer."""
    folds: Mapping[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    """PE and SIMD by layer."""
    tools: Mapping[str, str] = field(default_factory=dict[str, str])
    """Versions by name."""


@dataclass(frozen=True)
class Accuracy:
    """Samples, and the number whose class is right."""

    correct: int = 0
    samples: int = 0


@dataclass(frozen=True)
class Activity:
    """Cycles of a simulation, by the state of a layer's output: a beat moved, a beat was blocked by
    the next unit, or the next unit waited for a beat."""

    moved: int = 0
    blocked: int = 0
    idle: int = 0


@dataclass(frozen=True)
class Simulated:
    """Samples that the compiled Verilog computed, and how many of its results equal the golden."""

    engine: str = ""
    samples: int = 0
    matches: int = 0
    """Samples that equal the golden at every layer."""
    cycles: int | None = None
    """For all samples."""
    seconds: float = 0
    activity: Maybe[Mapping[str, Activity]] = None
    """By layer."""


@dataclass(frozen=True, eq=False)
class Record(Known):
    """Everything that is known of a network as hardware; a field that is None is not known."""

    name: str = ""
    qhw: str = ""
    """Version."""
    target: str | None = None
    target_about: str | None = None
    cycles_per_inference: int = 0
    """Initiation interval."""
    latency_cycles: int = 0
    """From the first beat in to the last beat out."""
    capacity: Capacity | None = None
    """Sites of the target."""
    input: PortRecord | None = None
    output: PortRecord | None = None
    layers: tuple[LayerRecord, ...] = ()
    estimate: Cost | None = None
    """Predicted, of the whole."""
    measured: Cost | None = None
    """Synthesized, of the whole."""
    energy_nj: float = 0
    """Nanojoules an inference, predicted for 45 nm CMOS."""
    storage_bits: int = 0
    """Bits of all weights in memory."""
    fmax_mhz: Maybe[Both] = None
    inferences_per_second: Maybe[Both] = None
    """At ``fmax_mhz``."""
    utilization: Maybe[Mapping[str, float]] = None
    """Part of the target's resources that is taken, by kind."""
    primitives: Maybe[Mapping[str, int]] = None
    """Count of memory primitives by the name that the family has for them."""
    uncertainty: Maybe[Mapping[str, float]] = None
    """Relative standard deviation of the estimate of the whole, by kind of resource."""
    host: tuple[HostLayer, ...] = ()
    """Layers that the host computes from the output."""
    settings: Settings = field(default_factory=Settings)
    asic: Maybe[Clocked] = None
    tinytapeout: Maybe[Tapeout] = None
    goal: Maybe[Reached] = None
    """The result of the search for folds."""
    library: Maybe[Library] = None
    """Area in the cells of a Liberty file."""
    command: Maybe[str] = None
    """That makes it again."""
    comparison: Maybe[Comparison] = None
    """Other schemes, for the report."""
    check: Check | None = None
    """The checks of a build before it wrote files; None with ``--no-check``."""
    simulation: Maybe[Simulated] = None
    accuracy: Maybe[Accuracy] = None
    place: Maybe[OnBoard | Project] = None
    """The network on its board."""
    files: Maybe[tuple[str, ...]] = None
    """Names in the folder that a build wrote."""
    flashed: Maybe[str] = None
    """Command that programmed the board."""
    built: Maybe[bool] = None
    """Whether that needed a build."""
    shortfalls: Maybe[tuple[str, ...]] = None
    """Kinds of cost that exceed the target; for ``estimate`` and ``synth``."""
    folder: Here[Path] = None
    """The folder that a build wrote, or that a board was programmed from."""

    @property
    def cost(self) -> Cost | None:
        """Returns the cost of the whole network: measured if it is known, otherwise predicted."""
        return self.measured or self.estimate

    @property
    def total(self) -> Cost | None:
        """Returns ``cost``, beside the ``cost`` of each layer."""
        return self.cost

    @property
    def cycles(self) -> int:
        """Returns the cycles between two inferences, ``cycles_per_inference``."""
        return self.cycles_per_inference

    def layer(self, name: str) -> LayerRecord:
        """Finds a unit by its name; KeyError lists the names."""
        for one in self.layers:
            if one.name == name:
                return one
        raise KeyError(f"{name!r} is not one of {', '.join(one.name for one in self.layers)}")

    def _repr_html_(self) -> str:
        return framed("report:report_html", self)

    def json(self) -> dict[str, Json]:
        """Makes the JSON object; the cost's figures are at its top level, ``check`` only in a
        build's record."""
        known = super().json()
        if self.files is None:
            del known["check"]
        top = as_json(self.cost) if self.shortfalls is not None else None
        return {**top, **known} if isinstance(top, Mapping) else known

    def missing(self) -> tuple[str, ...]:
        """Lists the kinds of cost that exceed the target, each with the layer that takes most of
        it."""
        which = "measured" if self.measured else "estimate"
        found: list[str] = []
        for kind, word in SITES.items():
            needs, has = getattr(self.cost, kind, 0), getattr(self.capacity, kind, 0)
            if 0 < has < needs:
                worst = max(self.layers, key=lambda layer, k=kind: getattr(
                    getattr(layer, which), k))
                found.append(f"it needs {needs} {word} of the {has} that {self.target} has, "
                             f"{getattr(getattr(worst, which), kind)} of them for {worst.name!r}")
        return tuple(found)

"""Tables and bars of the layers in the report: size, cost and stalls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

from ..targets import in_gates
from ..targets.cost import Cost
from .page import RESOURCES, number, percent, resources
from .record import Activity, LayerRecord, Record

__all__ = ["FITTING", "Chart", "CostTable", "ShownLayer", "Stalls", "Totals", "bars", "charts",
           "costs", "longest", "shown_layers", "stalls", "totals"]

COSTS = {**RESOURCES, "carries": "Carry bits", "transistors": "Transistors"}
FITTING = ("widen", "narrow", "buffer", "fork", "queue")
"""Units between layers."""
WHICH = ("estimate", "measured")

Bar = tuple[str, float | None, float]
"""Style, value, and length in percent of its column's longest."""
Totals = Mapping[str, Cost | None]
"""Cost of the whole: ``estimate`` and ``measured``."""
Figures = Mapping[str, float]
"""By kind of resource."""


class Chart(NamedTuple):
    """A column of bars: for each layer the predicted and the measured value, or its cycles."""

    label: str
    rows: list[list[Bar]]
    shares: list[str] | None
    """The share of each layer in the chip's total, if that is known."""


class Stalls(NamedTuple):
    """Cycles of a simulation at a layer's output: beats moved, beats blocked, and idle cycles."""

    name: str
    busy: str
    """Predicted: the share of an inference's cycles in which the layer works."""
    moved: int
    blocked: int
    idle: int
    shares: list[tuple[str, float]]
    """Percent of cycles in which beats moved, were blocked, were missing."""


class CostTable(NamedTuple):
    """The table of predicted and measured cost, with errors."""

    columns: dict[str, str]
    """Label by kind of resource."""
    none: list[str]
    """Labels of what nothing takes."""
    rows: Sequence[tuple[str, Mapping[str, Figures], Figures]]
    """Name, figures by ``estimate`` and ``measured``, and the estimate's relative deviation."""
    whole: Mapping[str, Figures]
    shown: list[str]
    """Which of ``estimate`` and ``measured``."""
    uncertainty: Figures
    """Standard deviation of the total."""
    deviates: bool
    capacity: Mapping[str, int]
    """Sites of the device."""
    in_gates: bool
    """Whether ``luts`` are gates."""


@dataclass(frozen=True)
class ShownLayer(LayerRecord):
    """A layer with the texts that the page shows."""

    unit: str = ""
    """A short description."""


def shown_layers(record: Record) -> list[ShownLayer]:
    """Lists the layers of a record with a short description; ``about`` has no name in it."""
    return [_layer(layer, sum(layer.name in other.sources for other in record.layers))
            for layer in record.layers]


def _layer(layer: LayerRecord, readers: int) -> ShownLayer:
    unit = _unit(layer, readers)
    about = unit if layer.kind in FITTING else layer.about or unit
    layer = replace(layer, about=about.removeprefix(f"{layer.name}: "))
    return ShownLayer(**vars(layer), unit=unit)


def _unit(layer: LayerRecord, readers: int) -> str:
    """Describes the size of a queue, or the ways of a fork."""
    if layer.kind == "queue" and layer.depth:
        return f"queue, {number(layer.depth)} deep"
    if layer.kind == "fork":
        return f"fork, {readers} ways"
    if layer.kind in ("widen", "narrow") and layer.i and layer.o:
        return f"{layer.kind} {layer.i.lanes} → {layer.o.lanes}"
    return layer.kind


def totals(record: Record) -> Totals:
    """Adds the costs of the layers, by kind."""
    return {which: _total(record, which) for which in WHICH}


def _total(record: Record, which: str) -> Cost | None:
    parts: list[Cost | None] = [getattr(layer, which) for layer in record.layers]
    known = [cost for cost in parts if cost]
    whole = sum(known, Cost()) if known and len(known) == len(parts) else None
    return getattr(record, which) or whole


def longest(layers: Sequence[LayerRecord]) -> int | None:
    """Returns the cycles of the slowest layer; None without cycles."""
    return max((layer.cycles for layer in layers), default=0) or None


def charts(record: Record) -> Iterator[Chart]:
    """Makes the bars of cycles and of every resource that some layer takes, with their shares."""
    layers = record.layers
    top, interval = longest(layers), record.cycles_per_inference
    yield Chart("Cycles", bars([[("slow" if top and layer.cycles == top else "cycles",
                                  layer.cycles)] for layer in layers]),
                [_share(layer.cycles, interval) for layer in layers] if interval else None)
    shown = [which for which in WHICH if any(getattr(layer, which) for layer in layers)]
    for key, label in resources(record).items():
        rows = [[(which, getattr(getattr(layer, which), key, None)) for which in shown]
                for layer in layers]
        limit = getattr(record.capacity, key, None)
        if any(value for row in rows for _, value in row):
            yield Chart(label, bars(rows),
                        [_share(row[-1][1], limit) for row in rows] if limit else None)


def bars(rows: Sequence[Sequence[tuple[str, float | None]]]) -> list[list[Bar]]:
    """Scales values to bars; a value above 0 stays visible."""
    top = max((value or 0 for row in rows for _, value in row), default=0) or 1
    return [[(style, value, round(max(100 * value / top, 0.8), 2) if value else 0)
             for style, value in row] for row in rows]


def _share(part: float | None, whole: float) -> str:
    return percent(part, whole) if part else ""


def costs(record: Record, whole: Totals) -> CostTable | None:
    """Makes the table of predicted and measured costs and their errors; None without costs.

    Parameters
    ----------
    record : the record of the build
    whole : totals by kind
    """
    layers = record.layers
    rows = [(layer.name, {which: _figures(getattr(layer, which)) for which in whole},
             layer.uncertainty or {}) for layer in layers]
    all_of = {which: _figures(cost) for which, cost in whole.items()}
    rest = {which: _rest(cost, layers, which) for which, cost in whole.items()}
    if any(rest.values()):
        rows.append(("outside the layers", rest, {}))
    labels = resources(record)
    columns = {key: label for key, label in (COSTS | labels).items()
               if any(cost.get(key) for _, of, _ in rows for cost in of.values())}
    shown = [which for which in whole if any(of[which] for _, of, _ in rows) or all_of[which]]
    if not shown:
        return None
    capacity = asdict(record.capacity) if record.capacity else {}
    return CostTable(columns, [label for k, label in labels.items() if k not in columns], rows,
                     all_of, shown, record.uncertainty or {},
                     bool(record.uncertainty) or any(row[2] for row in rows),
                     {key: limit for key, limit in capacity.items() if limit and key in columns},
                     in_gates(record.target))


def _figures(cost: Cost | None) -> Figures:
    return asdict(cost) if cost else {}


def _rest(total: Cost | None, layers: Sequence[LayerRecord], which: str) -> Figures:
    """Computes the part of the total that belongs to no layer."""
    parts = [getattr(layer, which) for layer in layers]
    if total is None or not all(parts):
        return {}
    rest = {key: getattr(total, key) - sum(getattr(part, key) for part in parts) for key in COSTS}
    return rest if any(rest.values()) else {}


def stalls(record: Record) -> list[Stalls]:
    """Lists the counts at the outputs of the layers in the simulation."""
    simulation = record.simulation
    if not simulation or not simulation.cycles or not simulation.activity:
        return []
    return [_stalls(layer, simulation.activity[layer.name], simulation.cycles,
                    record.cycles_per_inference)
            for layer in record.layers if layer.name in simulation.activity]


def _stalls(layer: LayerRecord, counted: Activity, cycles: int, interval: int) -> Stalls:
    counts = asdict(counted)
    return Stalls(layer.name, _share(layer.cycles, interval) if interval else "", **counts,
                  shares=[(key, round(100 * count / cycles, 2)) for key, count in counts.items()])

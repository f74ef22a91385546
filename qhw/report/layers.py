"""What the report says of each layer: bars of what it takes, its cost in numbers, its stalls."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..targets import in_gates
from .page import RESOURCES, Record, number, percent, resources

__all__ = ["FITTING", "Chart", "Stalls", "bars", "charts", "costs", "known_layers", "longest",
           "stalls", "totals"]

LAYER = ("name", "kind", "about", "scheme", "pe", "simd", "inputs", "outputs", "weights",
         "weight_bits", "cycles", "i", "o", "estimate", "measured", "sources", "depth",
         "uncertainty")
COSTS = {**RESOURCES, "carries": "Carry bits", "transistors": "Transistors"}
FITTING = ("widen", "narrow", "buffer", "fork", "queue")
"""Units between layers."""
WHICH = ("estimate", "measured")

Bar = tuple[str, float | None, float]
"""Style, value, and length in percent of its column's longest."""


class Chart(NamedTuple):
    """A column of bars: for each layer the predicted and the measured value, or its cycles."""

    label: str
    rows: list[list[Bar]]
    shares: list[str] | None
    """What part of all there is each takes, where that is known."""


class Stalls(NamedTuple):
    """What a layer's output did in a simulation."""

    name: str
    busy: str
    """Predicted: the share of an inference's cycles in which the layer works."""
    moved: int
    blocked: int
    idle: int
    shares: list[tuple[str, float]]
    """Of all cycles, in percent: beats moved, blocked, starved."""


def known_layers(record: Record) -> list[dict[str, Any]]:
    """The layers with all the fields there can be, and ``unit``, what each is in a few words."""
    layers = [{**dict.fromkeys(LAYER), **layer} for layer in record.get("layers") or []]
    return [_layer(layer, sum(layer["name"] in (other["sources"] or ()) for other in layers))
            for layer in layers]


def _layer(layer: Record, readers: int) -> dict[str, Any]:
    name, unit = str(layer["name"] or ""), _unit(layer, readers)
    about = unit if layer["kind"] in FITTING else str(layer["about"] or unit)
    return {**layer, "name": name, "unit": unit, "about": about.removeprefix(f"{name}: ")}


def _unit(layer: Record, readers: int) -> str:
    """Of what stores or parts a stream, how much or in how many."""
    kind, i, o = str(layer["kind"] or ""), layer["i"], layer["o"]
    if kind == "queue" and layer["depth"]:
        return f"queue, {number(layer['depth'])} deep"
    if kind == "fork":
        return f"fork, {readers} ways"
    if kind in ("widen", "narrow") and i and o:
        return f"{kind} {i['lanes']} → {o['lanes']}"
    return kind


def totals(record: Record, layers: Sequence[Record]) -> dict[str, Record | None]:
    return {which: _total(record, layers, which) for which in WHICH}


def _total(record: Record, layers: Sequence[Record], which: str) -> Record | None:
    if record.get(which):
        return record[which]
    if not layers or not all(layer[which] for layer in layers):
        return None
    return {key: sum(layer[which].get(key, 0) for layer in layers) for key in COSTS}


def longest(layers: Sequence[Record]) -> int | None:
    """The cycles of the slowest layer."""
    return max((layer["cycles"] or 0 for layer in layers), default=0) or None


def charts(record: Record, layers: Sequence[Record]) -> Iterator[Chart]:
    """Cycles, and every resource that some layer takes, with their shares of what there is."""
    top, interval = longest(layers), record.get("cycles_per_inference")
    yield Chart("Cycles", bars([[("slow" if top and layer["cycles"] == top else "cycles",
                                  layer["cycles"])] for layer in layers]),
                [_share(layer["cycles"], interval) for layer in layers] if interval else None)
    shown = [which for which in WHICH if any(layer[which] for layer in layers)]
    for key, label in resources(record).items():
        rows = [[(which, (layer[which] or {}).get(key)) for which in shown] for layer in layers]
        limit = (record.get("capacity") or {}).get(key)
        if any(value for row in rows for _, value in row):
            yield Chart(label, bars(rows),
                        [_share(row[-1][1], limit) for row in rows] if limit else None)


def bars(rows: Sequence[Sequence[tuple[str, float | None]]]) -> list[list[Bar]]:
    """Values with their lengths; what is not nothing can be seen."""
    top = max((value or 0 for row in rows for _, value in row), default=0) or 1
    return [[(style, value, round(max(100 * value / top, 0.8), 2) if value else 0)
             for style, value in row] for row in rows]


def _share(part: float | None, whole: float) -> str:
    return percent(part, whole) if part else ""


def costs(record: Record, layers: Sequence[Record], whole: Mapping[str, Record | None]
          ) -> dict[str, Any] | None:
    """The table of predicted, measured and error: columns, rows, the whole, its share of the
    device, and each prediction's standard deviation."""
    rows = [(layer["name"], {w: layer[w] or {} for w in whole}, layer["uncertainty"] or {})
            for layer in layers]
    all_of = {which: total or {} for which, total in whole.items()}
    rest = {which: _rest(total, layers, which) for which, total in all_of.items()}
    if any(rest.values()):
        rows.append(("outside the layers", rest, {}))
    labels = resources(record)
    columns = {key: label for key, label in (COSTS | labels).items()
               if any(cost.get(key) for _, of, _ in rows for cost in of.values())}
    shown = [which for which in whole if any(of[which] for _, of, _ in rows) or all_of[which]]
    return {"columns": columns, "none": [label for k, label in labels.items() if k not in columns],
            "rows": rows, "whole": all_of, "shown": shown,
            "in_gates": in_gates(record.get("target")),
            "uncertainty": record.get("uncertainty") or {},
            "deviates": bool(record.get("uncertainty")) or any(row[2] for row in rows),
            "capacity": {key: limit for key, limit in (record.get("capacity") or {}).items()
                         if limit and key in columns}} if shown else None


def _rest(total: Record, layers: Sequence[Record], which: str) -> dict[str, int]:
    """What is in the total and in no layer."""
    if not all(layer[which] for layer in layers):
        return {}
    rest = {key: total[key] - sum(layer[which].get(key, 0) for layer in layers)
            for key in COSTS if key in total}
    return rest if any(rest.values()) else {}


def stalls(record: Record, layers: Sequence[Record]) -> list[Stalls]:
    """What was counted at the outputs of the layers in the simulation."""
    simulation = record.get("simulation") or {}
    activity, cycles = simulation.get("activity") or {}, simulation.get("cycles")
    interval = record.get("cycles_per_inference")
    return [_stalls(layer, activity[layer["name"]], cycles, interval)
            for layer in layers if cycles and layer["name"] in activity]


def _stalls(layer: Record, counted: Record, cycles: int, interval: int | None) -> Stalls:
    counts = {key: counted.get(key, 0) for key in ("moved", "blocked", "idle")}
    return Stalls(layer["name"], _share(layer["cycles"], interval) if interval else "", **counts,
                  shares=[(key, round(100 * count / cycles, 2)) for key, count in counts.items()])

"""The record of a build as a page that needs nothing else: report.html.

What is drawn is worked out here, how it looks is in ``report.html.jinja``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

__all__ = ["report_html"]

Record = Mapping[str, Any]

OPTIONAL = ("name", "qhw", "target", "target_about", "command", "input", "output", "host",
            "accuracy", "simulation", "files")
LAYER = ("name", "kind", "about", "scheme", "pe", "simd", "inputs", "outputs", "weights",
         "weight_bits", "cycles", "i", "o", "estimate", "measured")
RESOURCES = {"luts": "LUTs", "ffs": "Flip-flops", "brams": "Block RAMs", "dsps": "DSPs"}


def report_html(record: Record) -> str:
    """One HTML file of what ``report.json`` holds; what the record lacks is left out or named."""
    layers = [_layer(layer) for layer in record.get("layers") or []]
    totals = {which: _total(record, layers, which) for which in ("estimate", "measured")}
    return _template().render(
        record={**dict.fromkeys(OPTIONAL), **record},
        tiles=list(_tiles(record, totals)),
        totals=totals,
        slowest=_slowest(record, layers),
        layers=layers,
        charts=list(_charts(layers)),
        whole={"weights": sum(layer["weights"] or 0 for layer in layers),
               "weight_bits": sum(layer["weight_bits"] or 0 for layer in layers),
               "cycles": record.get("cycles_per_inference")},
        costs=_costs(layers, totals),
        settings=_settings(record.get("settings") or {}))


def number(value: float | None) -> str:
    """With its thousands apart; a dash for what is not known."""
    return "\N{EN DASH}" if value is None else f"{value:,}"


def breaks(name: object) -> Markup:
    """A name that may break into lines between its words, but not within a number."""
    return Markup("<wbr/>").join(re.split(r"(?<=[_:,])(?=.)|(?<=\.)(?=[A-Za-z])", str(name)))


class Tile(NamedTuple):
    """A key figure."""

    label: str
    value: str
    note: str
    share: float | None = None
    """Of what there is of it; more than 1 does not fit."""
    bad: bool = False


class Chart(NamedTuple):
    """A column of bars: for each layer the predicted and the measured value, or its cycles."""

    label: str
    rows: list[list[tuple[str, int | None, float]]]
    """Style, value, and length in percent of the column's longest bar."""


def percent(part: float, whole: float) -> str:
    """A share, and 100 % only if nothing is missing."""
    text = f"{100 * part / whole:,.1f}"
    return "99.9%" if text == "100.0" and part < whole else f"{text}%"


def error(estimate: int | None, measured: int | None) -> str:
    """By how much a prediction is above what was measured."""
    if estimate is None or measured is None or (not measured and estimate):
        return "\N{EN DASH}"
    off = 100 * (estimate - measured) / (measured or 1)
    return f"{off:+.1f}%" if off else "0%"


def _layer(layer: Record) -> dict[str, Any]:
    """A layer with all the fields there can be."""
    known = {**dict.fromkeys(LAYER), **layer}
    name, about = str(known["name"] or ""), str(known["about"] or known["kind"] or "")
    return {**known, "name": name, "about": about.removeprefix(f"{name}: ")}


def _total(record: Record, layers: Sequence[Record], which: str) -> Record | None:
    if record.get(which):
        return record[which]
    if not layers or not all(layer[which] for layer in layers):
        return None
    return {key: sum(layer[which].get(key, 0) for layer in layers) for key in RESOURCES}


def _tiles(record: Record, totals: Mapping[str, Record | None]) -> Iterator[Tile]:
    if interval := record.get("cycles_per_inference"):
        often = 1_000_000 / interval
        yield Tile("Cycles per inference", number(interval),
                   f"{f'{often:,.0f}' if often > 100 else f'{often:.3g}'} inferences per million "
                   f"cycles")
    if latency := record.get("latency_cycles"):
        yield Tile("Latency", number(latency), "cycles, first beat in to last beat out")
    said = "measured" if totals["measured"] else "predicted"
    for key, value in (totals["measured"] or totals["estimate"] or {}).items():
        limit = (record.get("capacity") or {}).get(key)
        if key not in RESOURCES or key == "ffs":
            continue
        note = f"of {number(limit)}, {percent(value, limit)}, {said}" if limit else said
        yield Tile(RESOURCES[key], number(value), note, value / limit if limit else None,
                   bool(limit) and value > limit)
    if (accuracy := record.get("accuracy")) and (samples := accuracy.get("samples")):
        correct = accuracy.get("correct", 0)
        yield Tile("Accuracy", percent(correct, samples),
                   f"{number(correct)} of {number(samples)} samples correct")
    if simulation := record.get("simulation"):
        samples, matches = simulation.get("samples", 0), simulation.get("matches", 0)
        took = [str(simulation.get("engine") or "simulated"),
                f"{number(simulation['cycles'])} cycles" if simulation.get("cycles") else ""]
        yield Tile("Equal to the golden", f"{number(matches)} of {number(samples)}",
                   "samples, " + ", ".join(filter(None, took)), bad=matches != samples)


def _top(layers: Sequence[Record]) -> int:
    return max((layer["cycles"] or 0 for layer in layers), default=0) or -1


def _slowest(record: Record, layers: Sequence[Record]) -> dict[str, Any] | None:
    """Who decides how often an inference can start."""
    top = _top(layers)
    names = [layer["name"] for layer in layers if layer["cycles"] == top]
    return {"names": names, "cycles": top,
            "decides": top == record.get("cycles_per_inference")} if names else None


def _charts(layers: Sequence[Record]) -> Iterator[Chart]:
    """Cycles, and every resource that some layer takes."""
    top = _top(layers)
    styles = ["slow" if layer["cycles"] == top else "cycles" for layer in layers]
    yield _chart("Cycles", [[(style, layer["cycles"])] for style, layer in
                            zip(styles, layers, strict=True)])
    for key, label in RESOURCES.items():
        rows = [[(which, (layer[which] or {}).get(key)) for which in ("estimate", "measured")
                 if any(other[which] for other in layers)] for layer in layers]
        if any(value for row in rows for _, value in row):
            yield _chart(label, rows)


def _chart(label: str, rows: list[list[tuple[str, int | None]]]) -> Chart:
    longest = max((value or 0 for row in rows for _, value in row), default=0) or 1
    return Chart(label, [[(style, value, round(max(100 * value / longest, 0.8), 2) if value else 0)
                          for style, value in row] for row in rows])


def _costs(layers: Sequence[Record], totals: Mapping[str, Record | None]) -> dict[str, Any] | None:
    """The table of predicted, measured and error: columns, rows, and the whole."""
    rows = [(layer["name"], {w: layer[w] or {} for w in totals}) for layer in layers]
    whole = {which: total or {} for which, total in totals.items()}
    rest = {which: _rest(total, layers, which) for which, total in whole.items()}
    if any(rest.values()):
        rows.append(("outside the layers", rest))
    columns = {key: label for key, label in RESOURCES.items()
               if any(cost.get(key) for _, costs in rows for cost in costs.values())}
    none = [label for key, label in RESOURCES.items() if key not in columns]
    shown = [which for which in totals if any(costs[which] for _, costs in rows) or whole[which]]
    return {"columns": columns, "none": none, "rows": rows, "whole": whole,
            "shown": shown} if shown else None


def _rest(total: Record, layers: Sequence[Record], which: str) -> dict[str, int]:
    """What is in the total and in no layer."""
    if not all(layer[which] for layer in layers):
        return {}
    rest = {key: total[key] - sum(layer[which].get(key, 0) for layer in layers)
            for key in RESOURCES if key in total}
    return rest if any(rest.values()) else {}


def _settings(settings: Record) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each setting with what is in it, by path."""
    groups = [(str(name), list(_pairs(value))) for name, value in settings.items()]
    return [(name, pairs) for name, pairs in groups if pairs]


def _pairs(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Everything that is not a mapping, with the keys that lead to it."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _pairs(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        yield path, ", ".join(str(one) for one in value)
    elif value is not None:
        yield path, str(value)


@cache
def _template() -> Template:
    text = Path(__file__).with_name("report.html.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True, keep_trailing_newline=True,
                              finalize=lambda value: "" if value is None else value)
    environment.filters |= {"number": number, "breaks": breaks}
    environment.globals["error"] = error  # type: ignore[assignment]
    return environment.from_string(text)

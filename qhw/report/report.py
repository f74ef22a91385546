"""The record of a build as a page that needs nothing else: report.html.

What is drawn is worked out here and in the files beside it, how it looks is in the templates.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .comparison import comparison
from .diagram import diagrams
from .layers import charts, costs, known_layers, longest, stalls, totals
from .page import RESOURCES, Record, decimal, number, percent, render, resources

__all__ = ["report_html"]

OPTIONAL = ("name", "qhw", "target", "target_about", "command", "input", "output", "host",
            "accuracy", "simulation", "files")


def report_html(record: Record) -> str:
    """One HTML file of what ``report.json`` holds; what the record lacks is left out or named."""
    layers = known_layers(record)
    whole = totals(record, layers)
    top = longest(layers)
    return render(
        "report.html.jinja",
        record={**dict.fromkeys(OPTIONAL), **record},
        tiles=list(_tiles(record, whole)),
        totals=whole,
        drawings=diagrams(record, layers, top),
        slowest=_slowest(record, layers, top) if top else None,
        layers=layers,
        charts=list(charts(record, layers)),
        stalls=stalls(record, layers),
        whole={"weights": sum(layer["weights"] or 0 for layer in layers),
               "weight_bits": sum(layer["weight_bits"] or 0 for layer in layers),
               "cycles": record.get("cycles_per_inference")},
        costs=costs(record, layers, whole),
        comparison=comparison(record.get("comparison")),
        settings=_settings(record.get("settings") or {}))


class Tile(NamedTuple):
    """A key figure."""

    label: str
    value: str
    note: str
    share: float | None = None
    """Of what there is of it; more than 1 does not fit."""
    bad: bool = False


def _tiles(record: Record, whole: Mapping[str, Record | None]) -> Iterator[Tile]:
    yield from _speed(record)
    yield from _resources(record, whole)
    yield from _placed(record.get("place"))
    if energy := record.get("energy_nj"):
        yield Tile("Energy", f"{decimal(energy)} nJ", "per inference, predicted")
    if bits := record.get("storage_bits"):
        yield Tile("Storage", number(bits), "bits")
    yield from _proof(record)


def _speed(record: Record) -> Iterator[Tile]:
    if interval := record.get("cycles_per_inference"):
        often = 1_000_000 / interval
        yield Tile("Cycles per inference", number(interval),
                   f"{decimal(often)} inferences per million cycles")
    if latency := record.get("latency_cycles"):
        yield Tile("Latency", number(latency), "cycles, first beat in to last beat out")
    for key, label, unit in (("fmax_mhz", "Clock", " MHz"),
                             ("inferences_per_second", "Inferences per second", "")):
        values = {said: value for which, said in (("measured", "measured"), ("estimate",
                  "predicted")) if (value := (record.get(key) or {}).get(which))}
        if values:
            (said, value), *other = values.items()
            yield Tile(label, decimal(value) + unit,
                       "; ".join([said, *(f"{decimal(v)} {s}" for s, v in other)]))


def _resources(record: Record, whole: Mapping[str, Record | None]) -> Iterator[Tile]:
    said = "measured" if whole["measured"] else "predicted"
    primitives = ", ".join(f"{number(count)} {name}"
                           for name, count in (record.get("primitives") or {}).items())
    labels = resources(record)
    for key, value in (whole["measured"] or whole["estimate"] or {}).items():
        limit = (record.get("capacity") or {}).get(key)
        if key not in labels or key == "ffs":
            continue
        note = f"of {number(limit)}, {percent(value, limit)}, {said}" if limit else said
        note += f"; {primitives}" if key == "brams" and primitives else ""
        yield Tile(labels[key], number(value), note, value / limit if limit else None,
                   bool(limit) and value > limit)


def _placed(known: Record | None) -> Iterator[Tile]:
    """What place and route found on a board."""
    if not known:
        return
    reached = (f"place and route reach {decimal(known['fmax_mhz'])} MHz" if known.get("fmax_mhz")
               else "estimated, not placed")
    yield Tile("On the board", f"{decimal(known['clock_mhz'])} MHz", f"{known['board']}; {reached}")
    yield Tile("Inferences per second there", number(known["inferences_per_second"]),
               f"the link carries {number(known['baud'])} baud")
    for kind, most in (known.get("of") or {}).items():
        if most:
            yield Tile(f"{RESOURCES[kind]} placed", number(known[kind]),
                       f"of {number(most)}, {percent(known[kind], most)}, with the link",
                       known[kind] / most)


def _proof(record: Record) -> Iterator[Tile]:
    if (accuracy := record.get("accuracy")) and (samples := accuracy.get("samples")):
        correct = accuracy.get("correct", 0)
        yield Tile("Accuracy", percent(correct, samples),
                   f"{number(correct)} of {number(samples)} samples correct")
    if check := record.get("check"):
        yield Tile("Proven before writing", f"{number(check['layers'])} layers",
                   f"compiled Verilog = golden on {number(check['samples'])} samples, with and "
                   f"without pauses{_asked(check['reference'])}")
    elif "check" in record:
        yield Tile("Proven before writing", "no", "built with --no-check", bad=True)
    if simulation := record.get("simulation"):
        samples, matches = simulation.get("samples", 0), simulation.get("matches", 0)
        took = [str(simulation.get("engine") or "simulated"),
                f"{number(simulation['cycles'])} cycles" if simulation.get("cycles") else ""]
        yield Tile("Equal to the golden", f"{number(matches)} of {number(samples)}",
                   "samples, " + ", ".join(filter(None, took)), bad=matches != samples)


def _asked(reference: Record | None) -> str:
    """What the framework of the network's file said."""
    if not reference:
        return ""
    if not reference["samples"]:
        return f"; {reference['engine']} cannot compute the file"
    ties = f", {number(reference['ties'])} ties" if reference["ties"] else ""
    return (f"; {reference['engine']} agrees on {number(reference['equal'])} of "
            f"{number(reference['samples'])}{ties}")


def _slowest(record: Record, layers: Sequence[Record], top: int) -> dict[str, Any]:
    """Who decides how often an inference can start."""
    return {"names": [layer["name"] for layer in layers if layer["cycles"] == top], "cycles": top,
            "decides": top == record.get("cycles_per_inference")}


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

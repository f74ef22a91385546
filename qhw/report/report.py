"""The page of a build, report.html: one file that needs no other.

The modules of this package compute the contents; the templates have the looks."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from ..board.bitstream import OnBoard
from ..board.project import Project
from ..simulators.reference import Reference
from ..tools.typed import as_json
from .comparison import compared
from .diagram import diagrams
from .layers import Totals, charts, costs, longest, shown_layers, stalls, totals
from .page import RESOURCES, decimal, number, percent, render, resources
from .record import Record, Settings
from .rows import Both

__all__ = ["report_html"]


def report_html(record: Record) -> str:
    """Makes the HTML page of a record; parts that the record lacks are left out or named as
    missing."""
    layers = shown_layers(record)
    whole = totals(record)
    top = longest(layers)
    return render(
        "report.html.jinja",
        record=record,
        tiles=list(_tiles(record, whole)),
        totals=whole,
        drawings=diagrams(record, layers, top),
        slowest=_slowest(record, top) if top else None,
        layers=layers,
        charts=list(charts(record)),
        stalls=stalls(record),
        whole={"weights": sum(layer.weights or 0 for layer in layers),
               "weight_bits": sum(layer.weight_bits or 0 for layer in layers),
               "cycles": record.cycles_per_inference or None},
        costs=costs(record, whole),
        comparison=compared(record.comparison) if record.comparison else None,
        settings=_settings(record.settings))


class Tile(NamedTuple):
    """A key figure of the page: label, value, note, and its share of the limit."""

    label: str
    value: str
    note: str
    share: float | None = None
    """Fraction of the chip; more than 1 does not fit."""
    bad: bool = False


def _tiles(record: Record, whole: Totals) -> Iterator[Tile]:
    yield from _speed(record)
    yield from _resources(record, whole)
    yield from _placed(record.place)
    if energy := record.energy_nj:
        yield Tile("Energy", f"{decimal(energy)} nJ", "per inference, predicted")
    if bits := record.storage_bits:
        yield Tile("Storage", number(bits), "bits")
    yield from _proof(record)


def _speed(record: Record) -> Iterator[Tile]:
    if interval := record.cycles_per_inference:
        often = 1_000_000 / interval
        yield Tile("Cycles per inference", number(interval),
                   f"{decimal(often)} inferences per million cycles")
    if latency := record.latency_cycles:
        yield Tile("Latency", number(latency), "cycles, first beat in to last beat out")
    yield from _both("Clock", " MHz", record.fmax_mhz)
    yield from _both("Inferences per second", "", record.inferences_per_second)


def _both(label: str, unit: str, figure: Both | None) -> Iterator[Tile]:
    """The measured figure, and beside it the predicted one."""
    figure = figure or Both()
    known = [(said, value) for said, value in (
        ("measured", figure.measured), ("predicted", figure.estimate)) if value]
    if known:
        (said, value), *other = known
        yield Tile(label, decimal(value) + unit,
                   "; ".join([said, *(f"{decimal(v)} {s}" for s, v in other)]))


def _resources(record: Record, whole: Totals) -> Iterator[Tile]:
    cost, said = whole["measured"] or whole["estimate"], (
        "measured" if whole["measured"] else "predicted")
    primitives = ", ".join(f"{number(count)} {name}"
                           for name, count in (record.primitives or {}).items())
    for key, label in resources(record).items():
        if key == "ffs" or cost is None:
            continue
        value, limit = getattr(cost, key), getattr(record.capacity, key, None)
        note = f"of {number(limit)}, {percent(value, limit)}, {said}" if limit else said
        note += f"; {primitives}" if key == "brams" and primitives else ""
        yield Tile(label, number(value), note, value / limit if limit else None,
                   bool(limit) and value > limit)


def _placed(known: OnBoard | Project | None) -> Iterator[Tile]:
    """Text about place and route on a board."""
    if not known:
        return
    reached = (f"place and route reach {decimal(known.fmax_mhz)} MHz"
               if isinstance(known, OnBoard) else "estimated, not placed")
    yield Tile("On the board", f"{decimal(known.clock_mhz)} MHz", f"{known.board}; {reached}")
    yield Tile("Inferences per second there", number(known.inferences_per_second),
               f"the link carries {number(known.baud)} baud")
    for kind, most in known.of.items() if isinstance(known, OnBoard) else ():
        if most:
            used = getattr(known, kind)
            yield Tile(f"{RESOURCES[kind]} placed", number(used),
                       f"of {number(most)}, {percent(used, most)}, with the link", used / most)


def _proof(record: Record) -> Iterator[Tile]:
    if (accuracy := record.accuracy) and accuracy.samples:
        yield Tile("Accuracy", percent(accuracy.correct, accuracy.samples),
                   f"{number(accuracy.correct)} of {number(accuracy.samples)} samples correct")
    if check := record.check:
        yield Tile("Proven before writing", f"{number(check.layers)} layers",
                   f"compiled Verilog = golden on {number(check.samples)} samples, with and "
                   f"without pauses{_asked(check.reference)}")
    elif "check" in record:
        yield Tile("Proven before writing", "no", "built with --no-check", bad=True)
    if simulation := record.simulation:
        took = [simulation.engine or "simulated",
                f"{number(simulation.cycles)} cycles" if simulation.cycles else ""]
        yield Tile("Equal to the golden",
                   f"{number(simulation.matches)} of {number(simulation.samples)}",
                   "samples, " + ", ".join(filter(None, took)),
                   bad=simulation.matches != simulation.samples)


def _asked(reference: Reference | None) -> str:
    """Text about the comparison with the framework of the network's file."""
    if not reference:
        return ""
    if not reference.samples:
        return f"; {reference.engine} cannot compute the file"
    ties = f", {number(reference.ties)} ties" if reference.ties else ""
    return (f"; {reference.engine} agrees on {number(reference.equal)} of "
            f"{number(reference.samples)}{ties}")


class Slowest(NamedTuple):
    """The layers that limit the inference rate, and their cycles."""

    names: list[str]
    cycles: int
    decides: bool


def _slowest(record: Record, top: int) -> Slowest:
    return Slowest([layer.name for layer in record.layers if layer.cycles == top], top,
                   top == record.cycles_per_inference)


def _settings(settings: Settings) -> list[tuple[str, list[tuple[str, str]]]]:
    """Lists each setting with its values by path."""
    known = cast(Mapping[str, Any], as_json(settings))
    groups = [(name, list(_pairs(value))) for name, value in known.items()]
    return [(name, pairs) for name, pairs in groups if pairs]


def _pairs(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Everything that is not a mapping, with the keys that lead to it."""
    if isinstance(value, Mapping):
        for key, inner in cast(Mapping[str, Any], value).items():
            yield from _pairs(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        yield path, ", ".join(map(str, cast(list[Any], value)))
    elif value is not None:
        yield path, str(value)

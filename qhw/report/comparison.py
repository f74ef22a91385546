"""The page of a comparison of schemes, or of an exploration: a table, accuracy against LUTs, and
the LUTs of each layer."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from .page import SIZES, render
from .record import Record
from .rows import Comparison, Exploration, Row, Sweep, labels

__all__ = ["Compared", "Stack", "compared", "comparison_html"]

COLUMNS = {"luts": "LUTs", "ffs": "flip-flops", "brams": "block RAMs", "dsps": "DSPs",
           "storage_bits": "storage bits", "cycles": "cycles", "energy_nj": "nJ"}
COLORS = 8
PIXELS = 96
"""An inch."""


class Stack(NamedTuple):
    """The LUTs of one scheme as a bar: for each layer a colour and a length in percent of the
    longest bar."""

    scheme: str
    luts: int
    pieces: list[tuple[int, float]]


class Compared(NamedTuple):
    """The contents of a comparison's table and drawings."""

    target: str
    """The chips."""
    judged: str
    """The label of the measure of the answers."""
    columns: dict[str, str]
    """Label by the row's field."""
    rows: list[Row]
    misfits: bool
    """Whether a row does not fit the target."""
    stacks: list[Stack]
    legend: list[str]
    """Layer by color."""
    scatters: dict[str, Markup]
    """The drawing by the name of the page's size."""
    commands: list[str]
    """That build the rows."""


def comparison_html(known: Sweep) -> str:
    """Makes the HTML page of a comparison or an exploration."""
    return render("comparison.html.jinja", settings=[], comparison=compared(known),
                  record=Record(name=known.name, qhw=known.qhw, target=_target(known),
                                command=known.command))


def _target(known: Sweep) -> str:
    """The chips."""
    if isinstance(known, Exploration):
        return ", ".join(known.targets)
    return known.target if isinstance(known, Comparison) else ""


def compared(known: Sweep) -> Compared:
    """Makes the contents of a comparison's page; the rows keep their order, failed ones come
    last."""
    rows = sorted(known.rows, key=lambda row: row.error is not None)
    sound = [row for row in rows if row.error is None]
    drawn = [row for row in sound if row.luts and row.value is not None]
    many = isinstance(known, Exploration)
    stacks, legend = _stacks([row for row in sound if row.layers])
    judged = next((row.metric for row in rows if row.metric is not None), "accuracy")
    columns = {key: label for key, label in COLUMNS.items()
               if any(getattr(row, key) is not None for row in rows)}
    if many:
        columns = {"target": "chip", "folded": "fold", **columns}
    return Compared(_target(known), judged, columns, rows, any(row.fits is False for row in rows),
                    stacks, legend, _scatters(drawn, many) if drawn else {},
                    [row.command for row in rows if row.command])


def _scatters(drawn: Sequence[Row], many: bool) -> dict[str, Markup]:
    """Accuracy against LUTs for each size of page; what draws is loaded only here."""
    from . import pictures
    draw = pictures.tradeoff if many else pictures.accuracy
    return {size.name: pictures.inlined(draw(drawn, size=(
        size.width / PIXELS, size.height / PIXELS)), size) for size in SIZES}


def _stacks(rows: Sequence[Row]) -> tuple[list[Stack], list[str]]:
    """A bar a row and the layers that have a color: the largest, and all others as one."""
    totals: dict[str, int] = {}
    for row in rows:
        for layer in row.layers:
            totals[layer.name] = totals.get(layer.name, 0) + layer.luts
    largest = sorted(totals, key=lambda name: -totals[name])
    own = set(largest if len(largest) <= COLORS else largest[:COLORS - 1])
    legend: list[str | None] = [name for name in totals if name in own and totals[name]]
    legend += [None] if len(own) < len(totals) else []
    longest = max((sum(layer.luts for layer in row.layers) for row in rows), default=0) or 1
    stacks: list[Stack] = []
    for row, name in zip(rows, labels(rows), strict=True):
        taken = dict.fromkeys(legend, 0)
        for layer in row.layers:
            if layer.luts:
                taken[layer.name if layer.name in own else None] += layer.luts
        stacks.append(Stack(name, sum(taken.values()), [
            (color, round(100 * luts / longest, 2)) for color, luts in enumerate(taken.values())]))
    return stacks, ["others" if name is None else name for name in legend]

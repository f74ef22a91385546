"""Schemes side by side: a table, accuracy against LUTs, and where each one's LUTs go."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .page import SIZES, Record, render
from .scatter import scatter

__all__ = ["comparison", "comparison_html"]

ROW = ("scheme", "accuracy", "luts", "ffs", "brams", "dsps", "storage_bits", "cycles",
       "energy_nj", "pareto", "fits", "error", "layers")
COLUMNS = {"luts": "LUTs", "ffs": "flip-flops", "brams": "block RAMs", "dsps": "DSPs",
           "storage_bits": "storage bits", "cycles": "cycles", "energy_nj": "nJ"}
OPTIONAL = ("name", "qhw", "target", "target_about", "command")
COLORS = 8


class Stack(NamedTuple):
    """A scheme's LUTs: for each layer its color and its length in percent of the longest."""

    scheme: str
    luts: int
    pieces: list[tuple[int, float]]


def comparison_html(record: Record) -> str:
    """A page of ``record["comparison"]``, with what else the record says of the network."""
    return render("comparison.html.jinja", record={**dict.fromkeys(OPTIONAL), **record},
                  settings=[], comparison=comparison(record.get("comparison") or {}))


def comparison(record: Record | None) -> dict[str, Any] | None:
    """What the table and the drawings show, in the record's order but for those that failed."""
    if record is None:
        return None
    rows = sorted(({**dict.fromkeys(ROW), **row} for row in record.get("rows") or []),
                  key=lambda row: row["error"] is not None)
    drawn = [row for row in rows if row["error"] is None and row["luts"] and
             row["accuracy"] is not None]
    stacks, legend = _stacks([row for row in rows if row["error"] is None and row["layers"]])
    columns = {key: label for key, label in COLUMNS.items()
               if any(row[key] is not None for row in rows)}
    return {"target": record.get("target"), "columns": columns, "rows": rows,
            "misfits": any(row["fits"] is False for row in rows),
            "stacks": stacks, "legend": legend,
            "scatters": [scatter(drawn, size) for size in SIZES] if drawn else []}


def _stacks(rows: Sequence[Mapping[str, Any]]) -> tuple[list[Stack], list[str]]:
    """A bar a scheme and the layers that have a color: the largest, and all others as one."""
    totals: dict[str, int] = {}
    for row in rows:
        for layer in row["layers"]:
            totals[layer["name"]] = totals.get(layer["name"], 0) + layer["luts"]
    largest = sorted(totals, key=lambda name: -totals[name])
    own = set(largest if len(largest) <= COLORS else largest[:COLORS - 1])
    legend: list[str | None] = [name for name in totals if name in own and totals[name]]
    legend += [None] if len(own) < len(totals) else []
    longest = max((sum(layer["luts"] for layer in row["layers"]) for row in rows), default=0) or 1
    stacks: list[Stack] = []
    for row in rows:
        taken = dict.fromkeys(legend, 0)
        for layer in row["layers"]:
            if layer["luts"]:
                taken[layer["name"] if layer["name"] in own else None] += layer["luts"]
        stacks.append(Stack(str(row["scheme"]), sum(taken.values()), [
            (color, round(100 * luts / longest, 2)) for color, luts in enumerate(taken.values())]))
    return stacks, ["others" if name is None else name for name in legend]

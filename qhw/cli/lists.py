"""``qhw schemes``, ``targets`` and ``boards``: lists of the choices."""

import sys
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from rich.table import Table

from .app import app
from .options import Json, print_json
from .terminal import out

if TYPE_CHECKING:
    from ..schemes import Scheme

__all__ = ["boards", "schemes", "targets"]


@app.command()
def schemes(json: Json = False) -> None:
    """List the weight formats."""
    from ..schemes import schemes as known
    rows: list[dict[str, Any]] = [
            {"name": name, "family": scheme.family, "bits": scheme().code_bits / scheme().group,
             "parameters": _parameters(scheme), "multiplier_free": scheme().multiplier_free,
             "citation": scheme.citation, "about": _about(scheme)}
            for name, scheme in known.items()]
    if json:
        return print_json(rows)
    table = Table("scheme", "gates", "bits", "multiplier-free", "parameters", "source", box=None)
    for row in rows:
        parameters = row["parameters"].items()
        table.add_row(row["name"], row["family"], f"{row['bits']:g}",
                      "yes" if row["multiplier_free"] else "no",
                      ", ".join(f"{k}={v}" for k, v in parameters), row["citation"])
    out.print(table)


def _parameters(scheme: "type[Scheme]") -> dict[str, Any]:
    return {f.name: f.default for f in fields(scheme)}  # pyright: ignore[reportArgumentType]


def _about(scheme: "type[Scheme]") -> str:
    """The first line of the scheme's file."""
    return (sys.modules[scheme.__module__].__doc__ or "").splitlines()[0]


@app.command()
def targets(json: Json = False) -> None:
    """List the chips."""
    from ..targets import targets as known
    from ..targets.cost import SITES
    rows: list[dict[str, Any]] = [
            {"name": t.name, "luts": t.luts, "brams": t.brams, "dsps": t.dsps, "about": t.about}
            for t in known()]
    if json:
        return print_json(rows)
    table = Table("target", "LUTs", "BRAMs", "DSPs", "about", box=None)
    for row in rows:
        table.add_row(row["name"], *(str(row[k] or "-") for k in SITES),
                      row["about"])
    out.print(table)


@app.command()
def boards(json: Json = False) -> None:
    """List the boards: chip, link to the host, programmer, and degree of verification."""
    from ..targets.boards import boards as known
    from ..targets.cost import SITES
    rows: list[dict[str, Any]] = [
            {"name": b.name, "target": b.chip.name, "luts": b.chip.luts, "brams": b.chip.brams,
             "dsps": b.chip.dsps, "clock_mhz": b.clock_mhz, "reserve": asdict(b.reserve),
             "link": b.link, "baud": b.baud, "programmers": [p.tool for p in b.programmers],
             "bitstream": b.open_tools, "verified": b.verified, "about": b.about}
            for b in known()]
    if json:
        return print_json(rows)
    table = Table("board", "target", "LUTs", "BRAMs", "DSPs", "MHz", "link", "programmer",
                  "verified", box=None)
    for row in rows:
        table.add_row(row["name"], row["target"],
                      *(str(row[k] or "-") for k in SITES),
                      f"{row['clock_mhz']:g}", f"{row['link']}, {row['baud']} baud",
                      " or ".join(row["programmers"]), row["verified"])
    out.print(table)

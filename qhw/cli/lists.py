"""``qhw schemes``, ``targets`` and ``boards``: lists of the choices."""

import sys
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from rich.table import Table

from ..names import visible
from ..tools.members import faults
from .app import app
from .options import Json, print_json
from .terminal import out

if TYPE_CHECKING:
    from ..schemes import Scheme

__all__ = ["boards", "schemes", "targets"]


@app.command()
def schemes(json: Json = False) -> None:
    """List the weight formats, and the activations, calibration methods, storages and gradient
    codecs beside them."""
    from ..schemes import schemes as known
    rows: list[dict[str, Any]] = [
            {"kind": "weights", "name": name, "family": scheme.family,
             "bits": scheme().code_bits / scheme().group,
             "parameters": _parameters(scheme), "multiplier_free": scheme().multiplier_free,
             "citation": scheme.citation, "about": _about(scheme)}
            for name, scheme in known.items()]
    others = _others()
    _print_faults("qhw.schemes", "qhw.quantization.activations", "qhw.quantization.calibration")
    if json:
        return print_json([*rows, *others])
    table = Table("scheme", "gates", "bits", "multiplier-free", "parameters", "source", box=None)
    for row in rows:
        table.add_row(row["name"], row["family"], f"{row['bits']:g}",
                      "yes" if row["multiplier_free"] else "no", _said(row["parameters"]),
                      row["citation"])
    out.print(table)
    for kind in dict.fromkeys(row["kind"] for row in others):
        table = Table(kind, "about", "parameters", "source", box=None)
        for row in others:
            if row["kind"] == kind:
                table.add_row(row["name"], row["about"], _said(row["parameters"]), row["citation"])
        out.print()
        out.print(table)


def _others() -> list[dict[str, Any]]:
    """The rows of the other catalogues."""
    from ..codecs import codecs
    from ..hw.storage import storages
    from ..quantization.activations import activations
    from ..quantization.calibration import methods
    return [{"kind": kind, "name": name, "about": one.about, "citation": one.citation,
             "parameters": _parameters(one) if isinstance(one, type) else {}}
            for kind, known in (("activations", activations), ("calibration", methods),
                                ("storage", storages), ("gradients", codecs))
            for name, one in known.items()]


def _said(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in parameters.items())


def _parameters(scheme: type[Any]) -> dict[str, Any]:
    """The fields of a member of a catalogue, and their defaults."""
    return {f.name: f.default for f in fields(scheme)}


def _about(scheme: "type[Scheme]") -> str:
    """The first line of the scheme's file."""
    return (sys.modules[scheme.__module__].__doc__ or "").splitlines()[0]


def _print_faults(*catalogues: str) -> None:
    """Says which members of other packages are left out of catalogues."""
    for fault in faults(*catalogues):
        print(f"qhw: {visible(str(fault))}", file=sys.stderr)


@app.command()
def targets(json: Json = False) -> None:
    """List the chips."""
    from ..targets import targets as known
    from ..targets.cost import SITES
    rows: list[dict[str, Any]] = [
            {"name": t.name, "luts": t.luts, "brams": t.brams, "dsps": t.dsps, "about": t.about}
            for t in known()]
    _print_faults("qhw.targets")
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
    _print_faults("qhw.boards", "qhw.targets")
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

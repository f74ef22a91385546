"""Place and route by nextpnr: its inputs, and its report."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from ..errors import ToolError
from ..targets.family import Family
from ..targets.flow import Flow
from ..tools import programs

__all__ = ["Achieved", "Placed", "Report", "Sites", "TimingPath", "flow", "nextpnr", "pack",
           "place"]

NETWORK = "link.network."
"""Where a board's units are."""

Used = Mapping[str, tuple[int, int]]
"""Used and available sites, by kind."""


class Achieved(TypedDict):
    """A clock in nextpnr's report."""

    achieved: float
    """MHz."""


class Sites(TypedDict):
    """Sites of one kind in nextpnr's report: used and available."""

    used: int
    available: int


class End(TypedDict):
    """The end of one part of a path in nextpnr's report."""

    cell: str


class TimingPart(TypedDict):
    """One part of a path in nextpnr's report: a cell or a wire, with its delay in ns."""

    delay: float
    """Nanoseconds."""
    to: End


TimingPath = TypedDict("TimingPath", {"from": str, "to": str, "path": list[TimingPart]})
"""A way between two clock edges or ports, and its parts."""


class Report(TypedDict):
    """nextpnr's report as JSON."""

    fmax: dict[str, Achieved]
    """By clock."""
    utilization: dict[str, Sites]
    """By the name of the site."""
    critical_paths: list[TimingPath]


def flow(family: Family) -> Flow:
    """Returns the tools that place and route a family; ToolError if it has no open ones."""
    if family.flow is None:
        raise ToolError(f"There is no open place and route for {family.name}")
    return family.flow


@dataclass(frozen=True)
class Placed:
    """The result of place and route: Fmax, used sites, and the longest path."""

    fmax_mhz: float
    used: Used
    path: tuple[tuple[str, float], ...]
    """Cells on the longest way between registers, with the nanoseconds up to each."""

    def slowest(self, units: Mapping[str, str]) -> tuple[str, float]:
        """Returns the unit with most of the longest path, "" for none, and its share in
        nanoseconds.

        ``units`` maps units to their names in hardware.
        """
        names = {called: unit for unit, called in units.items()}
        spent: dict[str, float] = defaultdict(float)
        for cell, ns in self.path:
            spent[names.get(cell.partition(NETWORK)[2].partition(".")[0], "")] += ns
        return max(spent.items(), key=lambda item: item[1], default=("", 0.0))


def place(folder: Path, family: Family, platform: Any, mhz: float) -> Placed:
    """Places and routes ``netlist.json`` in a folder; ToolError if it does not fit.

    Parameters
    ----------
    folder : the folder
    family : the chip family
    platform : Amaranth's platform of the board
    mhz : the clock to reach in MHz
    """
    how = flow(family)
    report = nextpnr(folder, how, [*how.device(platform), *how.written,
                                   *how.pins.format(f"top{how.constraints}").split()], mhz)
    try:
        return _placed(report, how)
    except KeyError as e:
        raise ToolError(f"{how.nextpnr} wrote no report: {e}") from None


def nextpnr(folder: Path, how: Flow, options: Sequence[str], mhz: float) -> Report:
    """Runs nextpnr on ``netlist.json`` in a folder; returns its report. ToolError if it fails.

    Parameters
    ----------
    folder : the folder
    how : the family's flow
    options : command line options
    mhz : the clock to reach in MHz
    """
    if how.before:
        how.before(folder / "netlist.json")
    programs.run([programs.needed(how.nextpnr), *options, "--json", "netlist.json", "--freq",
                  f"{mhz:.6f}", "--timing-allow-fail", "--report", "timing.json", "--quiet"],
                 cwd=folder, what=how.nextpnr)
    try:
        return json.loads((folder / "timing.json").read_text())
    except (OSError, ValueError) as e:
        raise ToolError(f"{how.nextpnr} wrote no report: {e}") from None


def _placed(report: Report, how: Flow) -> Placed:
    if not report["fmax"]:
        raise ToolError(f"{how.nextpnr} found no clock in the design")
    sites = report["utilization"]
    used = {kind: (sum(sites[n]["used"] for n in names if n in sites),
                   sites[names[0]]["available"] if names[0] in sites else 0)
            for kind, names in how.sites.items()}
    return Placed(min(clock["achieved"] for clock in report["fmax"].values()), used,
                  tuple(_longest(report["critical_paths"])))


def _longest(paths: Sequence[TimingPath]) -> Iterable[tuple[str, float]]:
    """The longest of those from a clock's edge to one."""
    inside = [p["path"] for p in paths if "edge" in p["from"] and "edge" in p["to"]]
    longest = max(inside, key=lambda path: sum(part["delay"] for part in path),
                  default=list[TimingPart]())
    for part in longest:
        yield part["to"]["cell"], part["delay"]


def pack(folder: Path, family: Family, platform: Any, options: Sequence[str]) -> bytes:
    """Makes the bitstream of the routed design in a folder; ToolError if that fails.

    Parameters
    ----------
    folder : the folder
    family : the chip family
    platform : Amaranth's platform of the board
    options : command line options of the packer
    """
    how = flow(family)
    out = f"top{how.suffix}"
    programs.run([programs.needed(how.packer), *options,
                  *how.packing(platform, how.written[1], out)], cwd=folder, what=how.packer)
    try:
        return (folder / out).read_bytes()
    except OSError as e:
        raise ToolError(f"{how.packer} wrote no bitstream: {e.strerror}") from None

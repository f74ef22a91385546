"""Place and route by nextpnr: what it takes, and what its report says."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ToolError
from ..tools import programs
from .carries import close_chains

__all__ = ["FLOWS", "Flow", "Placed", "nextpnr", "pack", "place"]

NETWORK = "link.network."
"""Where a board's units are."""

Used = Mapping[str, tuple[int, int]]
"""Of each kind, what is used and of how many."""


@dataclass(frozen=True)
class Flow:
    """A family's tools."""

    nextpnr: str
    constraints: str
    """Suffix of the file with the pins."""
    pins: str
    """Option that names it."""
    written: tuple[str, str]
    """Option that names what is routed, and its file."""
    packer: str
    suffix: str
    """Of the bitstream."""
    sites: Mapping[str, tuple[str, ...]]
    """By kind, what nextpnr calls them; together they have as many as the first has."""
    before: Callable[[Path], None] | None = None
    """What is done to a netlist first."""


FLOWS = {
    "ice40": Flow("nextpnr-ice40", ".pcf", "--pcf {}", ("--asc", "routed.asc"), "icepack", ".bin", {
        "luts": ("ICESTORM_LC",), "brams": ("ICESTORM_RAM",), "dsps": ("ICESTORM_DSP",)}),
    "ecp5": Flow("nextpnr-ecp5", ".lpf", "--lpf {}", ("--textcfg", "routed.config"), "ecppack",
                 ".bit", {
        "luts": ("TRELLIS_COMB",), "brams": ("DP16KD",), "dsps": ("MULT18X18D",)}, close_chains),
    "gowin": Flow("nextpnr-himbaechel-gowin", ".cst", "--vopt cst={}",
                  ("--write", "routed.json"), "gowin_pack", ".fs", {
        "luts": ("LUT4", "ALU"), "brams": ("BSRAM",),
        "dsps": ("MULT18X18", "MULT9X9", "MULT36X36")}),
}
"""By what a family's name begins with."""

ECP5_PACKAGES = {"BG256": "CABGA256", "BG381": "CABGA381", "BG554": "CABGA554",
                 "MG285": "CSFBGA285"}


def flow(family: str) -> Flow:
    return FLOWS[_kind(family)]


def _kind(family: str) -> str:
    return next(kind for kind in FLOWS if family.startswith(kind))


def device(family: str, platform: Any) -> list[str]:
    """The chip as nextpnr takes it."""
    if _kind(family) == "ice40":
        return [f"--{platform.device.removeprefix('iCE40').lower()}",
                "--package", platform.package.lower()]
    if _kind(family) == "ecp5":
        sort, size = re.fullmatch(r"LFE5(U|UM|UM5G)-(\d+)F", platform.device).groups()  # type: ignore
        sort = "" if sort == "U" else f"{sort.lower()}-"
        return [f"--{sort}{size}k", "--package", ECP5_PACKAGES[platform.package],
                "--speed", platform.speed]
    return ["--device", platform.part, "--vopt", f"family={gowin_device(platform)}"]


def gowin_device(platform: Any) -> str:
    """The die: what is packed with memory is the same."""
    return platform.family.replace("GW1NR-", "GW1N-")


@dataclass(frozen=True)
class Placed:
    """What nextpnr reached."""

    fmax_mhz: float
    used: Used
    path: tuple[tuple[str, float], ...]
    """Cells on the longest way between registers, with the nanoseconds up to each."""

    def slowest(self, units: Mapping[str, str]) -> tuple[str, float]:
        """The unit that most of the longest way is in, "" for none, and its nanoseconds; ``units``
        gives what each is called in hardware."""
        names = {called: unit for unit, called in units.items()}
        spent: dict[str, float] = defaultdict(float)
        for cell, ns in self.path:
            spent[names.get(cell.partition(NETWORK)[2].partition(".")[0], "")] += ns
        return max(spent.items(), key=lambda item: item[1], default=("", 0.0))


def place(folder: Path, family: str, platform: Any, mhz: float) -> Placed:
    """Places and routes ``netlist.json`` in the folder, for a clock."""
    how = flow(family)
    report = nextpnr(folder, how, [*device(family, platform), *how.written,
                                   *how.pins.format(f"top{how.constraints}").split()], mhz)
    try:
        return _placed(report, how)
    except KeyError as e:
        raise ToolError(f"{how.nextpnr} wrote no report: {e}") from None


def nextpnr(folder: Path, how: Flow, options: Sequence[str], mhz: float) -> dict[str, Any]:
    """The report on ``netlist.json`` placed and routed in the folder."""
    if how.before:
        how.before(folder / "netlist.json")
    programs.run([programs.needed(how.nextpnr), *options, "--json", "netlist.json", "--freq",
                  f"{mhz:.6f}", "--timing-allow-fail", "--report", "timing.json", "--quiet"],
              cwd=folder, what=how.nextpnr)
    try:
        return json.loads((folder / "timing.json").read_text())
    except (OSError, ValueError) as e:
        raise ToolError(f"{how.nextpnr} wrote no report: {e}") from None


def _placed(report: Mapping[str, Any], how: Flow) -> Placed:
    if not report["fmax"]:
        raise ToolError(f"{how.nextpnr} found no clock in the design")
    sites = report["utilization"]
    used = {kind: (sum(sites[n]["used"] for n in names if n in sites),
                   sites[names[0]]["available"] if names[0] in sites else 0)
            for kind, names in how.sites.items()}
    return Placed(min(clock["achieved"] for clock in report["fmax"].values()), used,
                  tuple(_longest(report["critical_paths"])))


def _longest(paths: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, float]]:
    """The longest of those from a clock's edge to one."""
    inside = [p["path"] for p in paths if "edge" in p["from"] and "edge" in p["to"]]
    longest = max(inside, key=lambda path: sum(part["delay"] for part in path), default=[])
    for part in longest:
        yield part["to"]["cell"], part["delay"]


def pack(folder: Path, family: str, platform: Any, options: Sequence[str]) -> bytes:
    """The bitstream of what was routed in the folder."""
    how = flow(family)
    packer, (_, routed), out = programs.needed(how.packer), how.written, f"top{how.suffix}"
    words = {
        "icepack": [*options, routed, out],
        "ecppack": [*options, "--input", routed, "--bit", out],
        "gowin_pack": [*options, "-d", gowin_device(platform) if how.suffix == ".fs" else "",
                       "-o", out, routed],
    }[how.packer]
    programs.run([packer, *words], cwd=folder, what=how.packer)
    try:
        return (folder / out).read_bytes()
    except OSError as e:
        raise ToolError(f"{how.packer} wrote no bitstream: {e.strerror}") from None

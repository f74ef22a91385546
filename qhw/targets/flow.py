"""Place and route of a family: the programs of nextpnr and of the packer, with options and
files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Flow"]


@dataclass(frozen=True)
class Flow:
    """The tools of a family after synthesis. A ``platform`` is Amaranth's description of a
    board."""

    nextpnr: str
    """Name of the program."""
    constraints: str
    """Suffix of the file with the pins."""
    pins: str
    """Option of nextpnr that names it, with ``{}`` for the file."""
    written: tuple[str, str]
    """Option of nextpnr that names the routed design, and its file."""
    device: Callable[[Any], list[str]]
    """Options of nextpnr that name the chip of a platform."""
    packer: str
    """Name of the program."""
    packing: Callable[[Any, str, str], list[str]]
    """Arguments of the packer for a platform, a routed file and a bitstream."""
    suffix: str
    """Suffix of the bitstream."""
    sites: Mapping[str, tuple[str, ...]]
    """nextpnr's names of its sites, by kind of cost; the first one counts the sites of a kind."""
    before: Callable[[Path], None] | None = None
    """Rewrites a netlist file before nextpnr reads it."""

"""Place and route of a family: nextpnr's program and the packer's, their options and files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Flow"]


@dataclass(frozen=True)
class Flow:
    """A family's tools behind synthesis. A platform is Amaranth's description of a board."""

    nextpnr: str
    """Name of the program."""
    constraints: str
    """Suffix of the file with the pins."""
    pins: str
    """Option of nextpnr that names it, with ``{}`` for the file."""
    written: tuple[str, str]
    """Option of nextpnr that names what is routed, and its file."""
    device: Callable[[Any], list[str]]
    """Options of nextpnr that name the chip of a platform."""
    packer: str
    """Name of the program."""
    packing: Callable[[Any, str, str], list[str]]
    """Arguments of the packer for a platform, a routed file and a bitstream."""
    suffix: str
    """Of the bitstream."""
    sites: Mapping[str, tuple[str, ...]]
    """By kind of cost, what nextpnr calls its sites; together they have as many as the first."""
    before: Callable[[Path], None] | None = None
    """Rewrites a netlist file before nextpnr reads it."""

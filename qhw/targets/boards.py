"""The boards that qhw knows, one file each in ``qhw.boards``: chip, clock, pins, link and
programmer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from ..errors import ModelError
from ..targets import Target
from ..tools.members import excuse, offered
from .cost import Cost
from .target import target as find_target

__all__ = ["LINK", "Board", "Place", "Programmer", "Uart", "board", "boards", "place"]

BOARDS = "qhw.boards"
LINK = Cost(luts=650, ffs=300, brams=2)
"""Cost reserved for the link to the host: a serial port, its framing and waiting requests.

Synthesized it takes 440 to 620 LUTs, the most on iCE40.
"""


@dataclass(frozen=True)
class Uart:
    """The chip's receive and transmit pins, for platforms without a serial port."""

    rx: str
    tx: str
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    connector: tuple[str, int] | None = None
    """Whose pins these are; without one, the chip's."""


@dataclass(frozen=True)
class Programmer:
    """A program that writes a bitstream to a board, and its arguments before the file name."""

    tool: str
    load: tuple[str, ...] = ()
    """Arguments that load the chip; without ``keep`` they write the flash memory."""
    keep: tuple[str, ...] | None = None
    """Arguments that write the flash memory, if they differ."""


@dataclass(frozen=True)
class Board:
    """A board that one can buy, with its chip."""

    name: str
    chip: Target
    clock_mhz: float
    """Frequency of the oscillator in MHz."""
    about: str
    platform: str
    """Where Amaranth's class with the pins is, as ``module:class``, or a function that makes one of
    it: a file of a board imports no Amaranth, so that boards are listed without it."""
    programmers: tuple[Programmer, ...]
    """In order of preference."""
    usb: str
    """Vendor and product number of the programmer."""
    link: str
    """How the host reaches the serial port."""
    uart: Uart | None = None
    pll_pad: bool = False
    """Whether the oscillator is at the pin that the PLL has for itself."""
    baud: int = 115200
    """Highest baud rate of the way to the host."""
    pack: tuple[str, ...] = ()
    """Options of the packer."""
    verified: str = "nothing"
    """How far the way to it was gone: docs/guides/boards.md."""
    reserve: Cost = LINK

    @property
    def open_tools(self) -> bool:
        """Whether open tools can place and route the chip; if not, a build is a project for the
        vendor's tool."""
        return self.chip.family.flow is not None


@cache
def boards() -> tuple[Board, ...]:
    """Returns the ``BOARD`` of every board's file, by name."""
    found: list[Board] = offered(BOARDS, "BOARD", lambda one: [one.name])
    return tuple(sorted(found, key=lambda b: b.name))


def board(name: str) -> Board:
    """Finds the board ``name``; ModelError if there is none."""
    for one in boards():
        if one.name == name:
            return one
    raise ModelError(f"Board {name!r} is not one of {', '.join(b.name for b in boards())}"
                     f"{excuse(name, BOARDS)}")


@dataclass(frozen=True)
class Place:
    """Where a network goes: a chip, a board with its chip, or neither."""

    chip: Target | None = None
    board: Board | None = None

    @property
    def needed(self) -> Target:
        """Returns the target; ModelError if there is none."""
        if self.chip is None:
            raise ModelError("Costs need a chip: give a target or a board")
        return self.chip


def place(target: str | None, on: str | None, baud: int | None = None) -> Place:
    """Finds the target ``target``, or the board ``on`` with its chip; ``baud`` is the link's rate
    in baud.

    ModelError if there is no such target or board.
    """
    if target and on:
        raise ModelError(f"Give the target {target} or the board {on}, not both")
    if baud and not on:
        raise ModelError("A baud rate needs a board: give one")
    if on:
        found = board(on)
        found = replace(found, baud=baud) if baud else found
        return Place(found.chip, found)
    return Place(find_target(target) if target else None)

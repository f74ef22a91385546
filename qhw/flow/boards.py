"""The boards qhw knows, a file each in ``qhw.boards``: chip, clock, and what the link takes."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from ..errors import ModelError
from .cost import Cost
from .targets import Target
from .targets import target as find_target

__all__ = ["LINK", "Board", "Place", "board", "boards", "place"]

LINK = Cost(luts=400, ffs=300, brams=1)
"""What is set aside for the link to the host: a serial port, its framing and a queue."""


@dataclass(frozen=True)
class Board:
    """A board that one can buy, and its chip."""

    name: str
    chip: Target
    clock_mhz: float
    """Of the oscillator."""
    about: str
    reserve: Cost = LINK


@cache
def boards() -> tuple[Board, ...]:
    """Every file's ``BOARD``, by name."""
    folder = import_module("qhw.boards")
    found = [import_module(f"qhw.boards.{m.name}").BOARD for m in iter_modules(folder.__path__)]
    return tuple(sorted(found, key=lambda b: b.name))


def board(name: str) -> Board:
    """The board of that name."""
    for one in boards():
        if one.name == name:
            return one
    raise ModelError(f"Board {name!r} is not one of {', '.join(b.name for b in boards())}")


@dataclass(frozen=True)
class Place:
    """Where a network goes: a chip by itself or on a board, or nowhere in particular."""

    chip: Target | None = None
    board: Board | None = None

    @property
    def needed(self) -> Target:
        if self.chip is None:
            raise ModelError("Costs are those of a chip: give a target or a board")
        return self.chip


def place(target: str | None, on: str | None) -> Place:
    """The target of that name, or the board with its chip."""
    if target and on:
        raise ModelError(f"Give the target {target} or the board {on}, not both")
    if on:
        found = board(on)
        return Place(found.chip, found)
    return Place(find_target(target) if target else None)

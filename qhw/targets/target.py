"""The chips that qhw synthesizes for: each is in the file of its family."""

from dataclasses import dataclass, replace
from functools import cache

from ..errors import ModelError
from ..tools.members import excuse, offered
from .family import Family, Style
from .pll import PllKind
from .timing import Delays

__all__ = ["Target", "families", "family", "in_gates", "target", "targets"]


CATALOGUE = __package__ or ""


@dataclass(frozen=True)
class Target:
    """A chip and the number of each of its resources; 0 means no limit."""

    name: str
    family: Family
    delays: Delays
    luts: int = 0
    brams: int = 0
    dsps: int = 0
    about: str = ""
    pll: PllKind | None = None
    samples: int = 0
    """Networks that are synthesized for it to fit the prices of its family; 0 if another chip of
    the family is the sample."""
    worth: int = 0
    """LUTs that are given for a block RAM, in every memory."""

    def giving(self, worth: int) -> "Target":
        """Returns this chip with ``worth`` LUTs given for a block RAM."""
        return self if worth == self.worth else replace(self, worth=worth)

    def style(self, width: int, depth: int, *, writable: bool, form: str = "") -> Style:
        """Selects the kind of memory for ``depth`` words of ``width`` bits; see ``Family.style``.

        ``form`` is empty, ``light`` for a memory that gives way where LUTs are cheaper, or for
        constants ``block`` or ``luts``. ModelError if there is no block RAM."""
        if form == "block" and not self.family.block:
            raise ModelError(f"{self.name} has no block RAM, where a fold puts weights")
        if form in ("block", "luts"):
            return "block" if form == "block" else "logic"
        return self.family.style(width, depth, writable=writable, worth=max(
            self.worth, self.family.worth * (form == "light")))

    def one_address(self, width: int, depth: int) -> bool:
        """Tells whether a writable memory of ``depth`` words of ``width`` bits is smaller if it is
        read and written at one address."""
        return self.family.one_address_cell[0] > 0 and self.style(
            width, depth, writable=True) == "distributed"


@cache
def targets() -> tuple[Target, ...]:
    """Lists the chips in every file's ``TARGETS``: the simplest family first, gates last."""
    several: list[tuple[Target, ...]] = offered(CATALOGUE, "TARGETS", lambda chips: [
        chip.name for chip in chips])
    found = [chip for chips in several for chip in chips]
    return tuple(sorted(found, key=lambda t: _order(t.family)))


def _order(family: Family) -> tuple[bool, int, int, str]:
    width, depth = family.block_modes[0] if family.block_modes else (0, 0)
    return bool(family.gates), family.inputs, width * depth, family.name


def target(name: str) -> Target:
    """Finds the target ``name``; ModelError if there is none."""
    for one in targets():
        if one.name == name:
            return one
    raise ModelError(f"Target {name!r} is not one of {', '.join(t.name for t in targets())}"
                     f"{excuse(name, CATALOGUE)}")


@cache
def families() -> dict[str, Family]:
    """The families of all chips, by name."""
    return {t.family.name: t.family for t in targets()}


def family(name: str) -> Family:
    """Finds the family ``name``; ModelError if there is none."""
    if name not in families():
        raise ModelError(f"Family {name!r} is not one of {', '.join(families())}")
    return families()[name]


def in_gates(name: str | None) -> bool:
    """Tells whether costs on the target ``name`` are gates and transistors; without a target they
    are LUTs."""
    return any(t.name == name and t.family.gates for t in targets())

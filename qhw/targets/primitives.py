"""A family's primitives: the cells of a netlist that are LUTs, flip-flops, memories and carries."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from .cost import Cost

__all__ = ["Bit", "Cell", "Module", "Port", "Primitives"]

Bit = int | str
"""A wire's number, or the constant "0", "1" or "x"."""


class Port(TypedDict):
    """A port of a module."""

    direction: str
    bits: list[Bit]


class Cell(TypedDict):
    """A primitive in a module, or an instance of another module."""

    type: str
    parameters: dict[str, str]
    attributes: dict[str, str]
    port_directions: dict[str, str]
    connections: dict[str, list[Bit]]
    """Wires by pin, the lowest first."""
    hide_name: NotRequired[int]


class Module(TypedDict):
    """A module of a netlist as Yosys writes it in JSON: its ports and cells by name."""

    ports: dict[str, Port]
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Primitives:
    """Cell types of a family by role.

    ``flip_flops`` and ``free``, the cells without delay, have the first letters of the types'
    names."""

    flip_flops: tuple[str, ...]
    luts: Mapping[str, int]
    """LUT sites that a cell takes; of other cells, none."""
    blocks: Mapping[str, int]
    """Block RAMs that a cell takes."""
    dsps: tuple[str, ...] = ()
    carries: Mapping[str, int] | None = None
    """Bits of a carry chain that a cell has."""
    carry_in: tuple[str, ...] = ()
    """Pins by which a carry enters such a cell."""
    carry_out: str = ""
    """The pin by which it leaves."""
    free: tuple[str, ...] = ()
    """Cells that add no delay: multiplexers beside LUTs, inverters that join them."""
    packed: Callable[[Module], int] | None = None
    """LUT sites of a whole module, for families whose cells do not add up to them."""

    def cost(self, module: Module) -> Cost:
        """Counts the LUT sites, flip-flops, block RAMs, DSP blocks and carry bits of a module."""
        count = Counter[str](cell["type"] for cell in module["cells"].values())

        def total(sizes: Mapping[str, int]) -> int:
            return sum(size * count[kind] for kind, size in sizes.items())

        return Cost(
            luts=self.packed(module) if self.packed else total(self.luts),
            ffs=sum(n for kind, n in count.items() if kind.startswith(self.flip_flops)),
            brams=total(self.blocks), dsps=sum(count[kind] for kind in self.dsps),
            carries=total(self.carries or {}))

    def starts(self, kind: str) -> bool:
        """Tells whether paths begin at the outputs of cells of the type ``kind``: registers and
        memories."""
        return kind in self.blocks or kind.startswith(self.flip_flops)

"""LUTs of what packing and merging decide, per family.

The prices of sums are a least-squares fit to 80 tiles of every scheme, synthesized with Yosys 0.70.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Prices", "prices"]


@dataclass(frozen=True)
class Prices:
    """LUTs a bit, unless said otherwise."""

    sums: Mapping[str, tuple[float, float, float]]
    """By the gate before the sum: of a gate, of a bit saved by carry-save adders, of a bit of the
    last carry-propagate adder."""
    rom_depths: Mapping[int, float]
    """Of a constant memory's output bit, by depth."""
    distributed_cell: tuple[int, int, int]
    """Width and depth of a distributed RAM cell, and its LUTs."""
    product: float
    """Of a bit times bit in a multiplier without DSP blocks."""
    add: float = 1.0
    compare: float = 1.0
    select: float = 1.0
    """Of choosing an accumulator's start."""
    mask: float = 1.0
    """The same, where it starts at 0."""
    choose: float = 0.7
    """Of a two-way multiplexer in a barrel shifter or a table."""
    lone: float = 0.0
    """Of a flip-flop with no logic before it."""
    counter: float = 1.5
    replay: float = 10.0
    """Of the control of a vector buffer, in all."""

    def rom(self, depth: int) -> float:
        """LUTs an output bit of a constant memory."""
        for most, luts in self.rom_depths.items():
            if depth <= most:
                return luts
        return max(self.rom_depths.values()) * depth / max(self.rom_depths)

    def distributed(self, width: int, depth: int) -> float:
        """LUTs of a distributed RAM, with the multiplexer behind several rows of cells."""
        cell_width, cell_depth, luts = self.distributed_cell
        rows = -(-depth // cell_depth)
        return -(-width // cell_width) * rows * luts + (rows - 1) * width


LUT4_ROM = {16: 1.0, 32: 3.6, 64: 9.8, 128: 20.0}
LUT6_ROM = {64: 1.0, 128: 2.0, 256: 4.0}

PRICES = {
    "ice40": Prices(
        {"and-xor": (0.0, 2.98, 3.16), "xor": (0.57, 2.16, 1.94),
         "xnor": (1.96, 1.63, 0.0), "and": (2.41, 0.27, 0.0), "": (0, 2, 1)},
        LUT4_ROM, (1, 1, 1), 2.6, compare=1.25, lone=1.0, counter=2.0, replay=20.0),
    "ecp5": Prices(
        {"and-xor": (0.51, 2.74, 2.09), "xor": (1.33, 1.65, 0.66),
         "xnor": (1.66, 2.15, 0.0), "and": (2.47, 0.29, 0.0), "": (0, 2, 1)},
        LUT4_ROM, (4, 16, 4), 1.3, counter=2.0, replay=20.0),
    "xc7": Prices(
        {"and-xor": (0.12, 2.05, 1.58), "xor": (0.43, 1.79, 0.98),
         "xnor": (1.53, 1.87, 0.0), "and": (1.54, 0.62, 0.0), "": (0, 1.5, 1)},
        LUT6_ROM, (6, 32, 4), 1.0, add=0.9, compare=0.6, select=0.1, mask=0.0, replay=15.0),
}
PRICES["gowin"] = PRICES["ecp5"]
PRICES["asic"] = Prices({kind: (3.0, 6.0, 6.0) for kind in PRICES["ecp5"].sums},
                        {1 << 20: 8.0}, (1, 1, 8), 8.0, add=6.0, compare=4.0, select=3.0,
                        mask=1.0, counter=7.0, replay=60.0)


def prices(family: str) -> Prices:
    return PRICES[family]

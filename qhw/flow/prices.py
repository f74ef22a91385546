"""LUTs of what packing and merging decide, per family, fitted to synthesis with Yosys 0.70."""

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
        {"and-xor": (1.36, 1.78, 2.05), "xor": (1.16, 1.34, 1.99), "and": (0.6, 2.2, 1.5),
         "xnor": (0.3, 1.8, 1.5), "": (0, 2, 1)},
        LUT4_ROM, (1, 1, 1), 1.3, compare=1.08, lone=1.0),
    "ecp5": Prices(
        {"and-xor": (1.2, 2.0, 2.05), "xor": (0.95, 1.82, 1.91), "and": (0.6, 2.2, 1.5),
         "xnor": (0.3, 1.8, 1.5), "": (0, 2, 1)},
        LUT4_ROM, (4, 16, 4), 1.3),
    "xc7": Prices(
        {"and-xor": (1.19, 1.61, 0.8), "xor": (0.81, 1.41, 0.69), "and": (0.5, 1.6, 1.0),
         "xnor": (0.2, 1.4, 1.0), "": (0, 1.5, 1)},
        LUT6_ROM, (6, 32, 4), 1.0, compare=0.6),
}
PRICES["gowin"] = PRICES["ecp5"]
PRICES["asic"] = Prices({kind: (3.0, 6.0, 6.0) for kind in PRICES["ecp5"].sums},
                        {1 << 20: 8.0}, (1, 1, 8), 8.0, add=6.0, compare=4.0, select=3.0,
                        mask=1.0, counter=7.0, replay=60.0)


def prices(family: str) -> Prices:
    return PRICES[family]

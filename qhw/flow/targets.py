"""The chips qhw synthesizes for: what they have, and where memories go in them."""

from dataclasses import dataclass, field
from typing import Literal

from ..errors import ModelError

__all__ = ["Style", "Target", "target", "targets"]

Style = Literal["block", "distributed", "logic"]


@dataclass(frozen=True)
class Family:
    """What chips of a kind share."""

    name: str
    synth: str
    """The Yosys command that synthesizes for it."""
    rom: int
    """Words up to which a constant memory goes into LUTs."""
    block: str = ""
    """The block RAM's cell type."""
    block_modes: tuple[tuple[int, int], ...] = ()
    """(width, depth) that one block RAM can have."""
    dsp: tuple[int, int] = (18, 18)
    """Widths that a DSP block multiplies; a bit more is mended in logic."""
    distributed: int = 0
    """Words up to which a writable memory goes into distributed RAM."""

    def style(self, width: int, depth: int, *, writable: bool) -> Style:
        """Where a memory goes: each kind has a depth below which it is wasted."""
        if writable:
            if depth <= self.distributed:
                return "distributed"
            return "block" if self.block and width * depth > 64 else "logic"
        deep = depth > self.rom and width * depth >= 512
        return "block" if self.block and deep else "logic"

    def blocks(self, width: int, depth: int) -> int:
        """Block RAMs for a memory, in the best mode."""
        return min(-(-width // w) * -(-depth // d) for w, d in self.block_modes)


ICE40 = Family("ice40", "synth_ice40", 16, "SB_RAM40_4K",
               ((16, 256), (8, 512), (4, 1024), (2, 2048)))
ICE40_DSP = Family("ice40", "synth_ice40 -dsp", 16, ICE40.block, ICE40.block_modes, (15, 15))
ECP5 = Family("ecp5", "synth_ecp5 -nowidelut", 16, "DP16KD",
              ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384)), distributed=64)
GOWIN = Family("gowin", "synth_gowin -nowidelut -noiopads", 16, "SP",
               ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384)), distributed=64)
XILINX = Family("xc7", "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf", 32, "RAMB18E1",
                ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384)), (25, 18), 64)
ASIC = Family("asic", "synth -flatten", 1 << 30)


@dataclass(frozen=True)
class Target:
    """A chip and how much it has of everything; 0 where that has no limit."""

    name: str
    family: Family
    luts: int = 0
    brams: int = 0
    dsps: int = 0
    about: str = field(default="")


TARGETS = (
    Target("ice40hx8k", ICE40, 7680, 32, 0, "Lattice iCE40-HX8K"),
    Target("ice40up5k", ICE40_DSP, 5280, 30, 8, "Lattice iCE40-UP5K"),
    Target("ecp5-25k", ECP5, 24288, 56, 28, "Lattice ECP5 25F"),
    Target("ecp5-85k", ECP5, 83640, 208, 156, "Lattice ECP5 85F"),
    Target("gw1n-9c", GOWIN, 8640, 26, 20, "Gowin GW1NR-9C"),
    Target("gw2a-18", GOWIN, 20736, 46, 48, "Gowin GW2A-18C"),
    Target("xc7", XILINX, 0, 0, 0, "Xilinx 7 series, synthesis and estimates only"),
    Target("asic", ASIC, 0, 0, 0, "generic gates"),
)


def targets() -> tuple[Target, ...]:
    return TARGETS


def target(name: str) -> Target:
    """The target of that name."""
    for one in TARGETS:
        if one.name == name:
            return one
    raise ModelError(f"Target {name!r} is not one of {', '.join(t.name for t in TARGETS)}")

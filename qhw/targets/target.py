"""The chips qhw synthesizes for: what they have, and where memories go in them."""

from dataclasses import dataclass, field, replace
from typing import Literal

from ..errors import ModelError

__all__ = ["Style", "Target", "target", "targets"]

Style = Literal["block", "distributed", "logic"]


@dataclass(frozen=True)
class Dsp:
    """What Yosys gives to a DSP block, and how it takes larger products apart (``mul2dsp``)."""

    widths: tuple[int, int]
    """Of the wider and of the narrower factor."""
    piece: int
    """Of a factor that is taken apart."""
    least_factor: int = 2
    least_product: int = 4
    """Bits from which on a factor, and a product, is worth a block."""
    signed: bool = False
    """Whether the block's factors have a sign, for which a number without one needs a bit."""
    adds: bool = False
    """Whether the block has an adder behind the multiplier that Yosys uses."""
    cascades: bool = False
    """Whether sums become chains of which every block adds a link, instead of trees."""

    def blocks(self, wide: int, narrow: int) -> int:
        """Blocks for a product of factors of so many bits."""
        pieces = [self._pieces(bits, most) for bits, most in zip((wide, narrow), self.widths,
                                                                 strict=True)]
        return sum(self.worth(a, b) for a in pieces[0] for b in pieces[1])

    def worth(self, a: int, b: int) -> bool:
        """Whether a product of so many bits goes to a block."""
        return min(a, b) >= self.least_factor and a + b >= self.least_product

    def _pieces(self, bits: int, most: int) -> list[int]:
        step = self.piece - self.signed
        count = max(-(-(bits - most) // step), 0)
        return [*[self.piece] * count, bits - count * step]


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
    distributed: int = 0
    """Words up to which a writable memory goes into distributed RAM."""
    distributed_cell: tuple[int, int] = (1, 1)
    """Width and depth of a cell of distributed RAM."""
    inputs: int = 4
    """Of a LUT."""
    cells: bool = False
    """Whether a flip-flop or a carry without a LUT takes the place of one."""
    absorbs: bool = False
    """Whether the LUTs of a carry chain also compute what stands before them."""
    chain: int = 1
    """Bits of a carry chain that are used together."""
    unchained: int = 2
    """Bits of a sum up to which Yosys makes it of LUTs, without a chain."""
    dsp: "Dsp | None" = None

    @property
    def carries(self) -> str:
        """What its carry chains are called, which the chips of some families share."""
        return self.name.removesuffix("up")

    def style(self, width: int, depth: int, *, writable: bool) -> Style:
        """Where a memory goes: each kind has a depth below which it is wasted."""
        if writable:
            if depth <= self.distributed:
                return "distributed"
            return "block" if self.block and width * depth > 64 else "logic"
        deep = depth > self.rom and width * depth >= 512
        return "block" if self.block and deep else "logic"

    @property
    def deepest(self) -> int:
        """Words of a block RAM at its narrowest."""
        return max((depth for _, depth in self.block_modes), default=0)

    def blocks(self, width: int, depth: int) -> int:
        """Block RAMs for a memory, in the best mode."""
        return min(-(-width // w) * -(-depth // d) for w, d in self.block_modes)


MODES_4K = ((16, 256), (8, 512), (4, 1024), (2, 2048))
MODES_18K = ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384))

ICE40 = Family("ice40", "synth_ice40", 16, "SB_RAM40_4K", MODES_4K, cells=True)
ICE40_DSP = replace(ICE40, name="ice40up", synth="synth_ice40 -dsp",
                    dsp=Dsp((16, 16), 16, least_product=11, adds=True))
ECP5 = Family("ecp5", "synth_ecp5 -nowidelut", 16, "DP16KD", MODES_18K, 64, (4, 16), chain=2,
              unchained=4, dsp=Dsp((18, 18), 18))
GOWIN = Family("gowin", "synth_gowin -nowidelut -noiopads", 16, "SP", MODES_18K, 64, (4, 16),
               dsp=Dsp((18, 18), 18, 4, 8))
XILINX = Family("xc7", "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf", 32, "RAMB18E1",
                MODES_18K, 64, (6, 32), inputs=6, absorbs=True,
                dsp=Dsp((25, 18), 18, least_product=9, signed=True, adds=True, cascades=True))
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
    Target("ice40lp8k", ICE40, 7680, 32, 0, "Lattice iCE40-LP8K"),
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

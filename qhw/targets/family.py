"""A chip family: everything that its chips share, in one file for each family."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .flow import Flow
from .primitives import Primitives

__all__ = ["MODES_18K", "Adders", "Dsp", "Family", "Gates", "Style"]

Style = Literal["block", "distributed", "logic"]
MODES_18K = ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384))
"""(width, depth) of the block RAM of 18 kbit that several families have."""


@dataclass(frozen=True)
class Dsp:
    """Yosys's rule for DSP blocks: the products that become blocks, and how larger products are
    split (``mul2dsp``)."""

    widths: tuple[int, int]
    """Bits of the wider and of the narrower factor."""
    piece: int
    """Bits of a piece of a factor that is split."""
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
        """Counts the blocks for a product of factors of ``wide`` and ``narrow`` bits."""
        pieces = [self._pieces(bits, most) for bits, most in zip((wide, narrow), self.widths,
                                                                 strict=True)]
        return sum(self.worth(a, b) for a in pieces[0] for b in pieces[1])

    def worth(self, a: int, b: int) -> bool:
        """Tells whether a product of factors of ``a`` and ``b`` bits becomes a DSP block."""
        return min(a, b) >= self.least_factor and a + b >= self.least_product

    def _pieces(self, bits: int, most: int) -> list[int]:
        step = self.piece - self.signed
        count = max(-(-(bits - most) // step), 0)
        return [*[self.piece] * count, bits - count * step]


@dataclass(frozen=True)
class Adders:
    """The cells of a family for the adders of a constant matrix; without ``writer`` they are
    expressions."""

    writer: str = ""
    """The function that writes them, as ``module:function`` in ``qhw.adders.cells``."""
    outputs: tuple[str, ...] = ()
    """Pins of these cells that drive; all others read."""
    inverter: float = 0.0
    """LUTs of a bit that is wanted both ways; none where a LUT stands before the carry."""
    fuses: bool = False
    """Whether a column of three operands is one LUT."""


@dataclass(frozen=True)
class Gates:
    """Transistors of generic gates: ``counted`` from cells by type, ``predicted`` from the number
    of gates and the flip-flops among them."""

    counted: Callable[[Mapping[str, int]], int]
    predicted: Callable[[float, float], int]


@dataclass(frozen=True)
class Family:
    """Properties that all chips of a family share."""

    name: str
    """Also the key of its prices (estimator/prices.json)."""
    synth: str
    """The Yosys command that synthesizes for it."""
    rom: int
    """Words up to which a constant memory goes into LUTs."""
    primitives: Primitives = field(compare=False)
    block: str = ""
    """The block RAM's cell type."""
    block_modes: tuple[tuple[int, int], ...] = ()
    """(width, depth) that one block RAM can have."""
    distributed: int = 0
    """Words up to which a writable memory goes into distributed RAM."""
    distributed_cell: tuple[int, int] = (1, 1)
    """Width and depth of a cell of distributed RAM."""
    one_address_cell: tuple[int, int] = (0, 0)
    """The same of a cell that is read and written at one address, if that makes it wider."""
    worth: int = 0
    """LUTs that are given for a block RAM where constants are few and wide: half of the LUTs that
    its chips have for each block RAM."""
    inputs: int = 4
    """Inputs of a LUT."""
    cells: bool = False
    """Whether a flip-flop or a carry without a LUT takes the place of one."""
    absorbs: bool = False
    """Whether the LUTs of a carry chain also compute what stands before them."""
    chain: int = 1
    """Bits of a carry chain that are used together."""
    totals: bool = False
    """Whether a carry chain's LUTs can choose between two numbers and add a third."""
    unchained: int = 2
    """Bits of a sum up to which Yosys makes it of LUTs, without a chain."""
    dsp: Dsp | None = None
    adders: Adders = Adders()
    gates: Gates | None = field(default=None, compare=False)
    """Transistors of generic gates, for a family whose LUTs are ASIC gates."""
    models: tuple[str, ...] | None = None
    """Verilog models of its cells, for netlist simulation: Yosys's (``+/``), or ours in ``cells``.

    None if its netlists cannot be simulated.
    """
    like: str = ""
    """Name of a family with the same LUTs, whose samples count for these prices too."""
    flow: Flow | None = field(default=None, compare=False)
    """Its open place and route, if there is one."""

    def style(self, width: int, depth: int, *, writable: bool, worth: int = 0) -> Style:
        """Selects the kind of memory; each kind has a minimal depth, below which it would be
        wasted.

        Parameters
        ----------
        width : bits of a word
        depth : number of words
        writable : whether the memory is written
        worth : LUTs that are given for a block RAM"""
        spared = bool(self.block) and self.in_luts(
            width, depth, writable=writable) <= worth * self.blocks(width, depth)
        if writable:
            if depth <= self.distributed or spared and self.distributed:
                return "distributed"
            return "block" if self.block and width * depth > 64 else "logic"
        deep = depth > self.rom and width * depth >= 512
        return "block" if self.block and deep and not spared else "logic"

    def in_luts(self, width: int, depth: int, *, writable: bool) -> int:
        """Estimates the LUTs of a memory of ``depth`` words of ``width`` bits outside block RAM:
        tables, and multiplexers behind them. ``writable`` tells whether it is written."""
        tables = -(-depth // (self.distributed_cell[1] if writable else 1 << self.inputs))
        return width * (tables + -(-(tables - 1) // (self.inputs - 3)))

    @property
    def deepest(self) -> int:
        """Most words of a block RAM, at its narrowest width."""
        return max((depth for _, depth in self.block_modes), default=0)

    def blocks(self, width: int, depth: int) -> int:
        """Counts the block RAMs of a memory of ``depth`` words of ``width`` bits, in the best
        mode."""
        return min(-(-width // w) * -(-depth // d) for w, d in self.block_modes)

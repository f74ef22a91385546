"""The platform for elaboration: it places memories, and it turns adder networks into modules."""

from collections.abc import Mapping
from typing import Any

from amaranth.hdl import ClockSignal, Const, Instance

from ..adders import Network
from ..adders import verilog as spatial
from ..hw.storage.memory import FORM
from ..targets import Target
from ..tools.hdl import Memory
from .memories import ram, ram_one, rom, rom_file
from .parts import Contents, Module, ModulePort
from .totals import total

__all__ = ["Platform"]

INLINE = 256
"""Bits up to which a constant memory stands in the Verilog itself."""
STYLES = {"block": "block", "luts": "logic"}
"""Where memories go without a target, by their form."""
TOTAL = "qhw_total"
KINDS = {"qhw_ram": ram, "qhw_ram_one": ram_one, "qhw_rom": rom, "qhw_rom_file": rom_file,
         TOTAL: total}


class Platform:
    """Turns each memory into an instance of a module for its place, and each adder network into a
    module of a chip's cells. The modules' names begin with ``name``."""

    def __init__(self, target: Target | None, name: str):
        self.target, self.name = target, name
        self.used: set[tuple[str, str]] = set()
        self.networks: list[Module] = []

    @property
    def family(self) -> str:
        """The family in whose cells adder networks are written for synthesis; "" for expressions
        alone."""
        family = self.target.family if self.target else None
        return family.name if family and family.adders.writer else ""

    def adders(self, network: Network) -> str:
        """Makes the module of an adder network: cells for synthesis, expressions for simulation."""
        name = f"{self.name}_qhw_adders{len(self.networks)}"
        body = spatial.verilog(network, name).rstrip()
        if self.family:
            cells = spatial.verilog(network, name, family=self.family).rstrip()
            body = "\n".join(["`ifdef SYNTHESIS", cells, "`else", body, "`endif"])
        x, y = int(network.widths[:network.inputs].sum()), len(network.pins)
        ports = ModulePort("input", "x", max(x, 1)), ModulePort("output", "y", max(y, 1))
        self.networks.append(Module(
            name, ports, f"// {network.cost} bits in adders and tables.\n{body}"))
        return name

    def total(self) -> str:
        """Returns the name of the module of an accumulator's next value; "" if the chip has no
        cells for one."""
        if self.target is None or not self.target.family.totals:
            return ""
        self.used.add((TOTAL, ""))
        return self._called(TOTAL, "")

    def one_address(self, width: int, depth: int) -> bool:
        """Tells whether a memory is smaller if it is read and written at one address; then it may
        have a reader of the domain ``comb``."""
        return self.target is not None and self.target.one_address(width, depth)

    @property
    def cells(self) -> bool:
        """Whether a module has cells of the chip."""
        return bool(self.networks) or (TOTAL, "") in self.used

    def get_memory(self, memory: Memory) -> Instance:
        """Makes an instance of one of the modules of ``memories``; the words must be plain bits."""
        read, = memory.read_ports
        width, depth = len(read.data), memory.depth
        arguments: dict[str, Any] = {
            "p_WIDTH": width, "p_DEPTH": depth, "p_ABITS": len(read.addr),
            "i_clk": ClockSignal(), "i_en": read.en, "i_addr": read.addr, "o_data": read.data}
        kind = "qhw_ram"
        for write in memory.write_ports:
            arguments |= {"i_w_en": write.en, "i_w_addr": write.addr, "i_w_data": write.data}
        if read.domain == "comb":
            kind = "qhw_ram_one"
            del arguments["i_en"], arguments["i_w_addr"]
        if not memory.write_ports:
            kind, constant = _constant([int(word) for word in memory.init], width)
            arguments |= constant
        form = str(memory.attrs.get(FORM, ""))
        style = STYLES.get(form, "") if self.target is None else self.target.style(
            width, depth, writable=bool(memory.write_ports), form=form)
        self.used.add((kind, style))
        return Instance(self._called(kind, style), **arguments)

    def _called(self, kind: str, style: str) -> str:
        return "_".join([self.name, kind, *[style] * bool(style)])

    def modules(self) -> tuple[Module, ...]:
        """The modules of all adder networks, memories and accumulators in use."""
        return (*self.networks, *(KINDS[kind](self._called(kind, style), style)
                                  for kind, style in sorted(self.used)))


def _constant(words: list[int], width: int) -> tuple[str, Mapping[str, Any]]:
    """Few bits stand in the Verilog, more in a file."""
    words = [word & (1 << width) - 1 for word in words]
    if len(words) * width <= INLINE:
        value = sum(word << k * width for k, word in enumerate(words))
        return "qhw_rom", {"p_INIT": Const(value, len(words) * width)}
    return "qhw_rom_file", {"p_FILE": Contents(
        "".join(f"{word:0{-(-width // 4)}x}\n" for word in words))}

"""A folded network as hardware: made once, and the source of its units, ports, cycles, modules,
memories and text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from .. import names
from ..design.cycles import Cycles, predict
from ..design.plan import stages
from ..design.stage import Stage
from ..design.top import Port, Top, layout, module_name, unit_names
from ..graph import Graph
from ..link.link import Link, LinkTop
from ..targets import Target
from ..version import __version__
from . import printed
from .about import describe
from .memories import RomFile
from .parts import Memory, Module, ModulePort
from .platform import Platform

__all__ = ["Design", "linted"]

NETWORK = "network"
"""The network's instance behind a link."""
IN_FILES = (
    "Contents of larger memories are in the .hex files, which $readmemh finds in the working",
    "folder of the simulator or the synthesizer.")
LINT = "\n".join(["// verilator lint_save", *(
    line for warning, why in (
        ("INITIALDLY", "awake evaluates combinational blocks at time 0; synthesis removes it."),
        ("UNSIGNED", "A threshold may be one that every value reaches,"),
        ("CMPCONST", "or none."),
        ("DECLFILENAME", "All modules are in this file."),
        ("PINCONNECTEMPTY", "Outputs that nothing reads stay open."),
        ("PROCASSINIT", "Registers have a value at power-up too, as FPGAs load it."),
        ("UNUSEDSIGNAL", "Synthesis removes what no output depends on: TLAST in, counters, bits."),
        ("UNUSEDPARAM", "Kinds of memories share their parameters."),
        ("WIDTHEXPAND", "Operands are extended by Verilog's rules, as the golden's are."),
        ("WIDTHTRUNC", "Sums keep the bits that their interval needs."),
        ("VARHIDDEN", "A memory's words have the name of its contents."))
    for line in (f"// {why}", f"// verilator lint_off {warning}"))])
"""Warnings of Verilator's ``-Wall`` that are off, and the reasons."""
UNLINT = "// verilator lint_restore"
IN_ONE = ("Contents of memories are in this file.",)


@dataclass(frozen=True, eq=False)
class Design:
    """A lowered graph's hardware; ``Design.of`` makes it."""

    graph: Graph
    target: Target | None
    """The target, which decides where each memory goes; without one, synthesis decides."""
    taps: bool
    """Whether every layer's output is visible at ports; see ``design.top.Top``."""
    link: Link | None
    modules: tuple[Module, ...] = field(repr=False)
    """The modules as printed: the top, those below it, networks of adders, kinds of memories."""
    contents: Mapping[str, str] = field(repr=False)
    """Contents of the memories in files, by file: words in hexadecimal, one a line."""
    cells: str
    """The family whose cells networks of adders have under ``SYNTHESIS``, where there are any;
    elsewhere they are expressions."""

    @staticmethod
    def of(graph: Graph, target: Target | None = None, *, taps: bool = False,
           link: Link | None = None) -> "Design":
        """Makes the hardware of a lowered graph, once for all callers.

        ModelError if the graph cannot become hardware, ValueError for taps of a network behind a
        link.

        Parameters
        ----------
        graph : the lowered graph
        target : the chip, or None
        taps : whether every layer's output is visible at ports
        link : a link around the network, which then is the submodule ``network`` of a module whose
            name ends in ``_link``
        """
        return _made(graph, target, taps, link)

    # -- the network

    @property
    def units(self) -> tuple[Stage, ...]:
        """The units in stream order, each after those that it reads; queues are among them."""
        return stages(self.graph)

    @property
    def queues(self) -> tuple[Stage, ...]:
        """The queues, which hold beats before layers that join branches."""
        return tuple(unit for unit in self.units if unit.depth)

    @property
    def instances(self) -> Mapping[str, str]:
        """Names of the units' instances in the module ``network``, by unit."""
        return {unit: names.instance(part) for unit, part in unit_names(self.graph).items()}

    @property
    def streams(self) -> tuple[Port, Port]:
        """The network's input port and output port."""
        return layout(self.graph)

    @property
    def cycles(self) -> Cycles:
        """Interval and latency of an inference in cycles."""
        return predict(self.graph)

    # -- the modules

    @property
    def top(self) -> Module:
        """The top module."""
        return self.modules[0]

    @property
    def name(self) -> str:
        """Name of the top module."""
        return self.top.name

    @property
    def ports(self) -> tuple[ModulePort, ...]:
        """Ports of the top module."""
        return self.top.ports

    @property
    def by_name(self) -> Mapping[str, Module]:
        """The modules by name."""
        return {module.name: module for module in self.modules}

    @property
    def network(self) -> Module:
        """The module that has the units as instances."""
        if not self.link:
            return self.top
        inside = next(one.module for one in self.top.instances if one.name == NETWORK)
        return self.by_name[inside]

    @property
    def memories(self) -> tuple[Memory, ...]:
        """The memories of every module, each once."""
        return tuple(memory for module in self.modules for memory in module.memories)

    @property
    def memory_kinds(self) -> tuple[str, ...]:
        """Names of the modules that are memories."""
        return tuple(sorted({memory.module for memory in self.memories}))

    # -- the text

    @cached_property
    def files(self) -> Mapping[str, str]:
        """Texts by file name: one Verilog file, and the contents of its larger memories."""
        return {f"{self.name}.v": self._text(IN_FILES, [module.text for module in self.modules]),
                **self.contents}

    @cached_property
    def one_file(self) -> str:
        """The Verilog as one file, with the memories' contents in it."""
        held = [memory for memory in self.memories if memory.file]
        return self._text(IN_ONE, [
            module.holding(held, self.contents) if isinstance(module, RomFile) else module.text
            for module in self.modules])

    def _text(self, where: tuple[str, ...], modules: list[str]) -> str:
        """``where`` says where memories' contents are."""
        (i_port, o_port), link = self.streams, self.link
        lines = [
            f"{names.comment(self.graph.name)}: generated by qhw {__version__}"
            + (f" for {self.target.name}" if self.target else ""),
            "",
            *([f"rx, tx: a serial line of {link.baud} baud at {link.clock_hz / 1e6:g} MHz with "
               "frames as in docs/reference/link.md", "", "The network's ports:"] if link else ()),
            f"in   s_axis: {_stream(i_port)}",
            f"out  m_axis: {_stream(o_port)}",
            f"An inference every {self.cycles.interval} cycles, {self.cycles.latency} cycles from "
            f"its first beat in to its last beat out.",
            *where]
        header = "\n".join(f"// {line}".rstrip() for line in lines)
        return linted(header, *modules)


def linted(header: str, *modules: str) -> str:
    """Makes the text of a Verilog file: a header, and modules without the warnings that are off."""
    return "\n\n".join([header, LINT, *modules, UNLINT]) + "\n"


@lru_cache(maxsize=4)
def _made(graph: Graph, target: Target | None, taps: bool, link: Link | None) -> Design:
    if link and taps:
        raise ValueError("A network behind a link has no taps")
    name = module_name(graph) + "_link" * bool(link)
    chip = target and target.giving(graph.worth)
    platform, called = Platform(chip, name), unit_names(graph)
    inside = (NETWORK,) if link else ()
    said: dict[tuple[str, ...], str] = {
        (*inside, called[unit.name]): describe(unit.node)
        for unit in stages(graph) if unit.node}
    top = LinkTop(graph, link, target) if link else Top(graph, taps=taps)
    made = printed(top, name, platform=platform, describe=said.get)
    return Design(graph, target, taps, link, (*made.modules, *platform.modules()), made.contents,
                  platform.family if platform.cells else "")


def _stream(port: Port) -> str:
    kind = "signed" if port.codes.shape.signed else "unsigned"
    beats = f"{port.beats} beat{'s' * (port.beats > 1)}"
    return (f"{beats} of {port.lanes} x {port.codes.width} bits {kind} ({port.codes}), "
            f"the first element lowest")

"""The files of a network behind a bus: the Verilog of its registers, and a driver in C."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .. import names
from ..design.top import Port
from ..errors import ModelError
from ..graph import Graph
from ..targets import Target
from ..verilog import printed
from ..verilog.design import Design, linted
from ..verilog.platform import Platform
from ..version import __version__
from . import Wrap
from .axi_lite import AxiLite
from .registers import IDENTITY, Register
from .samples import WORD, words
from .wishbone import Wishbone

__all__ = ["bus_name", "c_name", "wrapped"]

BUSES: Mapping[Wrap, tuple[str, type[AxiLite] | type[Wishbone]]] = {
    "axi-lite": ("axi", AxiLite), "wishbone": ("wb", Wishbone)}
"""The suffix of the module of each bus, and the component."""


def bus_name(design: Design, wrap: Wrap) -> str:
    """Returns the name of the module of a network behind a bus."""
    return names.unused(f"{design.name}_{BUSES[wrap][0]}", design.by_name)


def c_name(design: Design) -> str:
    """Returns the prefix of the functions of the driver in C."""
    return design.name.lower()


def wrapped(graph: Graph, design: Design, target: Target | None, wrap: Wrap) -> dict[str, str]:
    """Makes the Verilog of a network behind a bus, without the network, and a driver in C: texts by
    file name.

    Parameters
    ----------
    graph, design : the lowered graph and its hardware
    target : the chip, which decides where the queues go, or None
    wrap : the bus

    Raises
    ------
    ModelError : if an element is wider than a word
    """
    i, o = design.streams
    for port, what in ((i, "input"), (o, "output")):
        if port.codes.width > WORD:
            raise ModelError(f"{graph.name}: elements of its {what} have {port.codes.width} bits, "
                             f"and those of a bus at most {WORD}")
    name = bus_name(design, wrap)
    platform = Platform(target, name)
    made = printed(BUSES[wrap][1](design.name, i, o), name, platform=platform)
    facts = {"title": names.comment(graph.name), "version": __version__, "network": design.name,
             "name": c_name(design), "top": name,
             "identity": IDENTITY, "registers": {r.name: 4 * r for r in Register},
             "input": _facts(i), "output": _facts(o), "wrap": wrap}
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=False,
                              undefined=StrictUndefined, keep_trailing_newline=True)

    def text(template: str) -> str:
        return environment.get_template(f"{template}.jinja").render(facts)

    modules = (module.text for module in (*made.modules, *platform.modules()))
    return {f"{name}.v": linted(text("bus.v").rstrip(), *modules),
            f"{design.name}.h": text("driver.h"),
            f"{design.name}_driver.c": text("driver.c")}


def _facts(port: Port) -> dict[str, int]:
    """The layout of a sample at a port: elements, bits, and words."""
    return {"bits": port.codes.width, "signed": int(port.codes.shape.signed), "lanes": port.lanes,
            "beats": port.beats, "size": port.lanes * port.beats, "words": words(port),
            "lo": port.codes.lo, "hi": port.codes.hi}

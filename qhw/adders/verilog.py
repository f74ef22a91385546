"""Writes a network as a combinational Verilog module.

Port ``x`` holds the inputs side by side, the first in the lowest bits. Port ``y`` holds the outputs
likewise, each at its own width."""

from collections.abc import Callable
from importlib import import_module

from ..targets import family as family_of
from ..targets.family import Adders
from .module import Text
from .network import Network
from .wires import Column, Wires

__all__ = ["verilog"]


def verilog(network: Network, name: str, *, family: str = "") -> str:
    """Writes a network as a combinational module, in the cells of ``family`` or, if it is empty,
    with ``+``.

    ModelError if the family is unknown.

    Parameters
    ----------
    network : the adders
    name : the module's name
    family : chip family, or empty"""
    cells = family_of(family).adders if family else Adders()
    text = Text(cells.outputs)
    wires = _writer(cells)(network, text)
    for at, (n, k, inverted) in enumerate(network.pins.tolist()):
        # Only where inversions have a price are there wires that are already inverted.
        bit = wires.bit(n, k, inverted if cells.inverter else 0)
        text.assign(f"y[{at}]", bit if cells.inverter else "~" * inverted + bit, [bit])
    if not len(network.pins):
        text.assign("y[0]", "1'b0")
    return text.module(name, int(wires.start[network.inputs]), len(network.pins))


def _writer(cells: Adders) -> Callable[[Network, Text], Wires]:
    """Adds a network's wires to a module, and gives their names."""
    if not cells.writer:
        return _plain
    module, name = cells.writer.split(":")
    return getattr(import_module(f"{__package__}.cells.{module}"), name)


def _plain(network: Network, text: Text) -> Wires:
    """Every adder as an expression; bits that come for nothing are not added again."""
    return Wires(network).write(text, _sum)


def _sum(text: Text, name: str, first: int, columns: list[Column], sign: int) -> None:
    a, b = (", ".join(reversed(bits)) for bits in zip(*columns, strict=True))
    end = first + len(columns)
    text.add(f"wire [{end - 1}:{first}] {name} = {{{a}}} {'-' if sign else '+'} {{{b}}};",
             (f"{name}[{k}]" for k in range(first, end)), sum(columns, ()))

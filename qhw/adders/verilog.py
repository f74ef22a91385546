"""A network as a combinational Verilog module: x, the inputs side by side, the first one lowest;
y, the outputs likewise, each at its own width."""

from collections.abc import Callable

from ..errors import ModelError
from .chains import ecp5, gowin, xc7
from .ice40 import ice40
from .module import Text
from .network import Network
from .wires import Column, Wires

__all__ = ["verilog"]


def verilog(network: Network, name: str, *, family: str = "") -> str:
    """The module's text: in the cells of a family, or with ``+`` where there is none."""
    if family not in CELLS:
        raise ModelError(f"Family {family!r} is not one of {', '.join(sorted(CELLS))}")
    text = Text()
    wires = CELLS[family](network, text)
    for at, (n, k, inverted) in enumerate(network.pins.tolist()):
        # Only where inversions have a price are there wires that are already inverted.
        bit = wires.bit(n, k, inverted if family == "ice40" else 0)
        text.assign(f"y[{at}]", bit if family == "ice40" else "~" * inverted + bit, [bit])
    if not len(network.pins):
        text.assign("y[0]", "1'b0")
    return text.module(name, int(wires.start[network.inputs]), len(network.pins))


def _plain(network: Network, text: Text) -> Wires:
    """Every adder as an expression; bits that come for nothing are not added again."""
    return Wires(network).write(text, _sum)


def _sum(text: Text, name: str, first: int, columns: list[Column], sign: int) -> None:
    a, b = (", ".join(reversed(bits)) for bits in zip(*columns, strict=True))
    end = first + len(columns)
    text.add(f"wire [{end - 1}:{first}] {name} = {{{a}}} {'-' if sign else '+'} {{{b}}};",
             (f"{name}[{k}]" for k in range(first, end)), sum(columns, ()))


CELLS: dict[str, Callable[[Network, Text], Wires]] = {
    "": _plain, "ice40": ice40, "ecp5": ecp5, "gowin": gowin, "xc7": xc7}
"""Each adds a network's wires, and gives their names."""

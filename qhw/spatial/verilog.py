"""A network as a combinational Verilog module: x, the inputs side by side, the first one lowest;
y, the outputs likewise, each at its own width."""

from collections.abc import Callable, Iterator

from ..errors import ModelError
from .chains import ecp5, gowin, xc7
from .ice40 import ice40
from .network import Network
from .wires import Wires

__all__ = ["verilog"]


def verilog(network: Network, name: str, *, family: str = "") -> str:
    """The module's text: in the cells of a family, or with ``+`` where there is none."""
    wires = Wires(network)
    x = max(int(wires.start[network.inputs]), 1)
    # Only where inversions have a price are there wires that are already inverted.
    pins = [wires.bit(n, k, inverted) if family == "ice40" else "~" * inverted + wires.bit(n, k)
            for n, k, inverted in network.pins.tolist()]
    if family not in CELLS:
        raise ModelError(f"Family {family!r} is not one of {', '.join(sorted(CELLS))}")
    body = CELLS[family](network)
    return "\n".join([
        f"module {name} (input [{x - 1}:0] x, output [{max(len(pins), 1) - 1}:0] y);",
        *(f"  {line}" for line in body),
        *(f"  assign y[{k}] = {pin};" for k, pin in enumerate(pins)),
        "endmodule", ""])


def _plain(network: Network) -> Iterator[str]:
    """Every adder as an expression; bits that come for nothing are not added again."""
    return Wires(network).lines(_sum)


def _sum(name: str, first: int, columns: list[tuple[str, str]], sign: int) -> Iterator[str]:
    a, b = (", ".join(reversed(bits)) for bits in zip(*columns, strict=True))
    yield (f"wire [{first + len(columns) - 1}:{first}] {name} = "
           f"{{{a}}} {'-' if sign else '+'} {{{b}}};")


CELLS: dict[str, Callable[[Network], Iterator[str]]] = {
    "": _plain, "ice40": ice40, "ecp5": ecp5, "gowin": gowin, "xc7": xc7}

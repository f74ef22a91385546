"""A network as a combinational Verilog module: x, the inputs side by side, the first one lowest;
y, the outputs likewise, each at its own width."""

from collections.abc import Callable, Iterator

from ..errors import ModelError
from .chains import ecp5, gowin, xc7
from .ice40 import ice40
from .network import TABLES, Network
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
    wires = Wires(network)
    for n in wires.made():
        last, first = int(network.widths[n]) - 1, int(wires.first[n])
        if network.kinds[n] == TABLES:
            yield f"wire [{last}:{first}] n{n};"
            yield from wires.lookups(n)
            continue
        low, high, shift, sign = network.nodes[n].tolist()
        span = last - first + 1
        a, b = _slice(wires, low, shift, span), _slice(wires, high, 0, span)
        yield f"wire [{last}:{first}] n{n} = {a} {'-' if sign else '+'} {b};"


def _slice(wires: Wires, node: int, first: int, span: int) -> str:
    bits = [wires.bit(node, k) for k in range(first + span - 1, first - 1, -1)]
    return f"{{{', '.join(bits)}}}"


CELLS: dict[str, Callable[[Network], Iterator[str]]] = {
    "": _plain, "ice40": ice40, "ecp5": ecp5, "gowin": gowin, "xc7": xc7}

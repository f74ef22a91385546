"""An adder network in iCE40's own cells: one logic cell a bit, as no synthesis would undo it.

The carry adds raw operands, so a bit that is wanted inverted is made inverted; only one that is
wanted both ways takes a LUT more.
"""

from collections.abc import Iterator

from .network import ADDER, TABLES, Network
from .polarity import choose, demands
from .wires import Wires

__all__ = ["ice40"]


def ice40(network: Network, seed: int = 0) -> Iterator[str]:
    """The lines between a module's ports and its outputs."""
    return _Ice40(network, seed).lines()


class _Ice40:
    def __init__(self, network: Network, seed: int):
        self.wires = wires = Wires(network)
        self.network = network
        known = (network.nodes, network.widths, network.lo, network.kinds, network.pins,
                 wires.start, wires.real)
        self.flipped, _ = choose(*known, network.flips, seed)
        self.wanted = demands(*known, self.flipped)

    def lines(self) -> Iterator[str]:
        network = self.network
        bits = int(self.wires.start[network.inputs])
        yield f"wire [{bits - 1}:0] x_not;"
        for bit in range(bits):
            if self.wanted[bit, 1]:
                yield _lut(f"x_not[{bit}]", [f"x[{bit}]"], NOT)
        for n in range(network.first, len(network.nodes)):
            if network.kinds[n] in (ADDER, TABLES):
                last, first = network.widths[n] - 1, network.begins[n]
                yield f"wire [{last}:{first}] n{n}, n{n}_not, n{n}_carry;"
                yield from (self._adder(n) if network.kinds[n] == ADDER else self._table(n))

    def _adder(self, n: int) -> Iterator[str]:
        low, high, shift, sign = self.network.nodes[n].tolist()
        flipped = int(self.flipped[n])
        carry = f"1'b{flipped ^ sign}"
        last = int(self.network.widths[n]) - 1
        for k in range(shift, last + 1):
            a = self.wires.bit(low, k, flipped)
            b = self.wires.bit(high, k - shift, flipped ^ sign)
            pins, ones = ["1'b0", a, b, carry], PARITY ^ flipped * 0xFFFF
            if k == last:   # nextpnr's router does not end where two inputs are a constant 1
                ones ^= (pins.count("1'b1") & 1) * 0xFFFF
                pins = [pin.replace("1'b1", "1'b0") for pin in pins]
            yield from self._outs(n, k, pins, ones)
            if k < last:
                yield (f"SB_CARRY n{n}_{k}_carry (.CO(n{n}_carry[{k}]), .I0({a}), .I1({b}), "
                       f".CI({carry}));")
                carry = f"n{n}_carry[{k}]"

    def _table(self, n: int) -> Iterator[str]:
        bits, values = self.wires.table(n)
        for k in range(int(self.network.begins[n]), int(self.network.widths[n])):
            ones = sum(1 << code for code in range(16)
                       if values[code % len(values)] >> k & 1)
            yield from self._outs(n, k, bits, ones)

    def _outs(self, n: int, k: int, inputs: list[str], ones: int) -> Iterator[str]:
        """One LUT for a bit as it is or inverted, and an inverter if it is wanted both ways."""
        straight, inverted = self.wanted[self.wires.start[n] + k]
        if straight:
            yield _lut(f"n{n}[{k}]", inputs, ones)
        if inverted:
            name = f"n{n}_not[{k}]"
            yield _lut(name, [f"n{n}[{k}]"], NOT) if straight else _lut(name, inputs, ~ones)


PARITY = sum(1 << code for code in range(16) if (code >> 1).bit_count() & 1)
NOT = sum(1 << code for code in range(16) if not code & 1)


def _lut(out: str, inputs: list[str], ones: int) -> str:
    pins = ", ".join(f".I{k}({(inputs + ZEROS)[k]})" for k in range(4))
    name = out.replace("[", "_").rstrip("]")
    return f"SB_LUT4 #(.LUT_INIT(16'h{ones & 0xFFFF:04x})) {name}_lut (.O({out}), {pins});"


ZEROS = ["1'b0"] * 4

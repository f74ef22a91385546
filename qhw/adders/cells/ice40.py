"""An adder network in iCE40's own cells, one logic cell a bit, which synthesis leaves unchanged.

The carry adds the operands as they are. A bit that its readers need inverted is therefore computed
inverted. Only a bit that is needed in both polarities takes another LUT."""

from ..module import Text
from ..network import ADDER, TABLES, Network
from ..polarity import choose, demands
from ..wires import Wires

__all__ = ["ice40"]


def ice40(network: Network, text: Text, seed: int = 0) -> Wires:
    """Adds the iCE40 cells of ``network`` to the module ``text``; returns the names of its wires.

    ``seed`` is a number that starts the random search for polarities."""
    return _Ice40(network, text, seed).write()


class _Ice40:
    def __init__(self, network: Network, text: Text, seed: int):
        self.wires = wires = Wires(network)
        self.network, self.text = network, text
        known = (network.nodes, network.widths, network.lo, network.kinds, network.pins,
                 wires.start, wires.real)
        self.flipped, _ = choose(*known, network.flips, seed)
        self.wanted = demands(*known, self.flipped)

    def write(self) -> Wires:
        network = self.network
        bits = int(self.wires.start[network.inputs])
        if bits:
            self.text.add(f"wire [{bits - 1}:0] x_not;")
        for bit in range(bits):
            if self.wanted[bit, 1]:
                self._lut(f"x_not[{bit}]", [f"x[{bit}]"], NOT)
        for n in range(network.first, len(network.nodes)):
            if network.kinds[n] in (ADDER, TABLES):
                last, first = network.widths[n] - 1, network.begins[n]
                self.text.add(f"wire [{last}:{first}] n{n}, n{n}_not, n{n}_carry;")
                (self._adder if network.kinds[n] == ADDER else self._table)(n)
        return self.wires

    def _adder(self, n: int) -> None:
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
            self._outs(n, k, pins, ones)
            if k < last:
                out = f"n{n}_carry[{k}]"
                self.text.cell("SB_CARRY", f"n{n}_{k}_carry",
                               {"CO": out, "I0": a, "I1": b, "CI": carry})
                carry = out

    def _table(self, n: int) -> None:
        bits, values = self.wires.table(n)
        for k in range(int(self.network.begins[n]), int(self.network.widths[n])):
            ones = sum(1 << code for code in range(16)
                       if values[code % len(values)] >> k & 1)
            self._outs(n, k, bits, ones)

    def _outs(self, n: int, k: int, inputs: list[str], ones: int) -> None:
        """Adds one LUT for a bit as it is or inverted, and an inverter where both are wanted."""
        straight, inverted = self.wanted[self.wires.start[n] + k]
        if straight:
            self._lut(f"n{n}[{k}]", inputs, ones)
        if inverted and straight:
            self._lut(f"n{n}_not[{k}]", [f"n{n}[{k}]"], NOT)
        elif inverted:
            self._lut(f"n{n}_not[{k}]", inputs, ~ones)

    def _lut(self, out: str, inputs: list[str], ones: int) -> None:
        pins = {"O": out, **{f"I{k}": (inputs + ZEROS)[k] for k in range(4)}}
        name = out.replace("[", "_").rstrip("]")
        self.text.cell("SB_LUT4", f"{name}_lut", pins, LUT_INIT=f"16'h{ones & 0xFFFF:04x}")


PARITY = sum(1 << code for code in range(16) if (code >> 1).bit_count() & 1)
NOT = sum(1 << code for code in range(16) if not code & 1)
ZEROS = ["1'b0"] * 4

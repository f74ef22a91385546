"""Adder networks in the carry chains of ECP5, Gowin and Xilinx 7.

A LUT stands before each carry, so an inverted operand costs nothing, and a LUT with two outputs
adds three operands."""

import numpy as np

from ..fuse import Operand, first_columns, fused
from ..module import Text
from ..network import TABLES, Network
from ..wires import Column, Wires

__all__ = ["ecp5", "gowin", "xc7"]

ZERO = "1'b0"
ADD_OR_SUBTRACT = 2
"""ALU mode: I3 = 1 adds, I3 = 0 subtracts."""
XOR, OR_NOT = 0x66666666, 0xBBBBBBBB
"""LUT tables of the two lowest inputs; the other inputs do not matter."""
PLAIN_SUM = "16'h96aa"
"""CCU2C table with D = 1: the sum is the parity of A, B and C; the carry is A where the parity is
0."""


def ecp5(network: Network, text: Text) -> Wires:
    """Adds the cells of an ECP5: one CCU2C for two columns, and a LUT for the last column of an odd
    number of columns."""
    return Wires(network).write(text, _ecp5)


def _ecp5(text: Text, name: str, first: int, columns: list[Column], sign: int) -> None:
    last, carry = first + len(columns) - 1, f"1'b{sign}"
    text.add(f"wire [{last}:{first}] {name}, {name}_carry;")
    odd = len(columns) % 2 == 1 < len(columns) and len(set(sum(columns[-2:], ())) - {ZERO}) < 4
    for k in range(first, last + 1 - odd, 2):
        pins = {"CIN": carry}
        for side in range(2):
            a, b = columns[k + side - first] if k + side <= last else (ZERO, ZERO)
            out = f"{name}[{k + side}]" if k + side <= last else ""
            pins |= {f"A{side}": a, f"B{side}": b, f"C{side}": f"1'b{sign}", f"D{side}": "1'b1",
                     f"S{side}": out}
        carry = f"{name}_carry[{k}]"
        text.cell("CCU2C", f"{name}_{k}_sum", {**pins, "COUT": carry}, INIT0=PLAIN_SUM,
                  INIT1=PLAIN_SUM, INJECT1_0='"NO"', INJECT1_1='"NO"')
    if odd:
        _last(text, name, last, columns, sign)


def _last(text: Text, name: str, last: int, columns: list[Column], sign: int) -> None:
    """Adds the last bit without a chain: the sum bit below it tells its carry."""
    below = f"{name}[{last - 1}]"
    reads = [below, *sum(columns[-2:], ())]
    (a, b), (top_a, top_b) = columns[-2:]
    b, top_b = (f"~{b}", f"~{top_b}") if sign else (b, top_b)
    carried = f"({a} == {b} ? {a} : ~{below})"
    text.assign(f"{name}[{last}]", f"{top_a} ^ {top_b} ^ {carried}", reads)


def gowin(network: Network, text: Text) -> Wires:
    """Adds the cells of a Gowin chip: one ALU for each column, with the same pins as Yosys uses."""
    return Wires(network).write(text, _gowin)


def _gowin(text: Text, name: str, first: int, columns: list[Column], sign: int) -> None:
    carry = f"1'b{sign}"
    text.add(f"wire [{first + len(columns) - 1}:{first}] {name}, {name}_carry;")
    for k, (a, b) in enumerate(columns, first):
        out = f"{name}_carry[{k}]"
        text.cell("ALU", f"{name}_{k}_sum",
                  {"I0": a, "I1": b, "I3": f"1'b{1 - sign}", "CIN": carry, "COUT": out,
                   "SUM": f"{name}[{k}]"}, ALU_MODE=ADD_OR_SUBTRACT)
        carry = out


def xc7(network: Network, text: Text) -> Wires:
    """Adds the cells of a Xilinx 7: one LUT6_2 for each column of two or three operands, and one
    CARRY4 for four columns."""
    operands = fused(network)
    wires = Wires(network, first_columns(network, operands))
    for n in wires.made():
        if network.kinds[n] == TABLES:
            text.add(f"wire [{network.widths[n] - 1}:{wires.first[n]}] n{n};")
            _pairs(text, wires, n)
        elif n in operands:
            _Xc7(text, wires, n, operands[n]).write()
    return wires


def _pairs(text: Text, wires: Wires, n: int) -> None:
    """Adds a table, of which two bits of at most five inputs share a LUT."""
    pins, values = wires.table(n)
    columns = list(range(int(wires.first[n]), int(wires.network.widths[n])))
    if not 1 <= len(pins) <= 5:
        wires.lookups(text, n, columns)
        return
    values = np.tile(values, 32 // len(values))
    for low, high in zip(columns[::2], columns[1::2], strict=False):
        ones = sum(((value >> low & 1) + ((value >> high & 1) << 32)) << code
                   for code, value in enumerate(values.tolist()))
        _two_outputs(text, f"n{n}_{low}_lut", ones, f"n{n}[{high}]", f"n{n}[{low}]", pins)
    wires.lookups(text, n, columns[len(columns) // 2 * 2:])


def _two_outputs(text: Text, name: str, ones: int, high: str, low: str, pins: list[str]) -> None:
    """Adds a LUT6_2 of up to five inputs; the upper half of its table is the output ``high``."""
    ins = {f"I{at}": pin for at, pin in enumerate((pins + [ZERO] * 5)[:5])}
    text.cell("LUT6_2", name, {"O6": high, "O5": low, **ins, "I5": "1'b1"}, INIT=f"64'h{ones:016x}")


class _Xc7:
    """One carry chain; ``more`` is the carry among three operands, or the second of two operands.
    """

    def __init__(self, text: Text, wires: Wires, n: int, operands: list[Operand]):
        self.text, self.wires, self.n, self.operands = text, wires, n, operands
        self.first = sorted(shift for _, shift, _ in operands)[1]
        self.last = int(wires.network.widths[n]) - 1
        negative = sum(sign for _, _, sign in operands)
        carry, more = (negative > 1, negative > 0) if len(operands) == 3 else (negative > 0, 0)
        self.carry = f"1'b{int(carry)}"
        self.more = f"1'b{int(more) ^ self._turned(self.first)}"

    def write(self) -> None:
        n, span = self.n, f"[{self.last}:{self.first}]"
        self.text.add(f"wire {span} n{n}, n{n}_sum, n{n}_more, n{n}_carry;")
        pairs = list[tuple[str, str, str, str]]()
        begin = self.first
        if len(self.operands) == 2 and self.carry == "1'b1":
            self._borrow(begin)
            begin += 1
        for k in range(begin, self.last + 1):
            self._column(k)
            pairs.append((f"n{n}[{k}]", f"n{n}_sum[{k}]", f"n{n}_carry[{k}]", self.generated))
        for at in range(0, len(pairs), 4):
            outs, sums, carries, generated = (
                list(reversed(names)) for names in zip(*pairs[at:at + 4], strict=True))
            given, open_pin = ("CYINIT", "CI") if at == 0 else ("CI", "CYINIT")
            self.text.cell("CARRY4", f"n{n}_{begin + at}_chain", {
                "O": outs, "CO": carries, "S": sums, "DI": generated, open_pin: ZERO,
                given: self.carry})
            self.carry = carries[0]

    def _borrow(self, k: int) -> None:
        """Adds the first bit of a difference and its borrow, in a LUT.

        In the chain, which would start with a carry of 1, the bit would be the LUT's inverted
        output, for which Yosys adds another LUT.
        """
        (a, b), (one, _) = self._bits(k), (sign for _, _, sign in self.operands)
        a, b = (b, a) if one else (a, b)
        self.carry = f"n{self.n}_carry[{k}]"
        _two_outputs(self.text, f"n{self.n}_{k}_lut", XOR << 32 | OR_NOT, f"n{self.n}[{k}]",
                     self.carry, [a, b])

    def _bits(self, k: int) -> list[str]:
        """Returns the operands' bits of a column; below a shifted operand they are 0.

        The complement of such an operand has ones there; the carries in compensate for them.
        """
        return [self.wires.bit(node, k - shift) if k >= shift else ZERO
                for node, shift, _ in self.operands]

    def _constant(self, k: int) -> int:
        """Counts the ones of a column of constants; -1 for other columns."""
        bits = self._bits(k)
        if k > self.last or not all(bit.startswith("1'b") for bit in bits):
            return -1
        return sum(int(bit[-1]) ^ sign for bit, (_, _, sign) in zip(bits, self.operands,
                                                                    strict=True))

    def _turned(self, k: int) -> int:
        """Tells whether a column needs the carry from below inverted, because its sum is that
        carry."""
        return int(self._constant(k) in (1, 3))

    def _column(self, k: int) -> None:
        """Adds one column's LUT, and sets its carry into the chain where the sum is 0."""
        bits, flips = self._bits(k), [sign for _, _, sign in self.operands]
        three, ones = len(bits) == 3, self._constant(k)
        self.generated = self.more if three else bits[flips.index(0)]
        out, name = f"n{self.n}_sum[{k}]", f"n{self.n}_{k}_lut"
        if ones >= 0:
            value = self.more if three else f"1'b{ones & 1}"
            self.text.assign(out, value, [value])
            self.generated = f"1'b{ones & 1}" if three else self.generated
            self.more = f"1'b{int(ones > 1) ^ self._turned(k + 1)}"
        elif three:
            pins, self.more = [*bits, self.more], f"n{self.n}_more[{k}]"
            _two_outputs(self.text, name, _three(flips, self._turned(k + 1)), out, self.more, pins)
        else:
            self.text.cell("LUT2", name, {"O": out, "I0": bits[0], "I1": bits[1]},
                           INIT=f"4'h{9 if sum(flips) & 1 else 6}")


def _three(flips: list[int], inverted: int) -> int:
    """Computes the table of a LUT6_2: the majority of three bits below, the parity of four bits
    above."""
    ones = 0
    for code in range(32):
        a, b, c = (code >> at & 1 ^ flips[at] for at in range(3))
        ones |= ((a + b + c > 1) ^ inverted) << code
        ones |= (a ^ b ^ c ^ code >> 3 & 1) << 32 + code
    return ones

"""Verilog names of a network's bits."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from .module import Text
from .network import TABLES, Network
from .order import NONE
from .polarity import ONE, bit_numbers, extended

__all__ = ["Column", "Wires"]

Column = tuple[str, str]
"""One bit of each operand."""


class Wires:
    """Names of every bit of every node. A bit that a node passes on has the name that the computing
    node gave it."""

    def __init__(self, network: Network, first: np.ndarray | None = None):
        self.network = network
        self.first = network.begins if first is None else first
        self.start, self.real = bit_numbers(
            network.nodes, network.widths, network.lo, network.kinds,
            network.inputs, self.first)
        self.owner = np.repeat(np.arange(len(network.nodes)), network.widths)

    def bit(self, node: int, k: int, inverted: int = 0) -> str:
        """Returns the Verilog name of bit ``k`` of a node, sign-extended.

        Parameters
        ----------
        node : index of the node
        k : index of the bit
        inverted : 1 for its complement, a number
        """
        bit = int(extended(self.real, self.start, self.network.widths, self.network.lo, node, k))
        if bit < 0:
            return f"1'b{(bit == ONE) ^ inverted}"
        node = int(self.owner[bit])
        if node < self.network.inputs:
            return f"x_not[{bit}]" if inverted else f"x[{bit}]"
        return f"n{node}{'_not' * inverted}[{bit - int(self.start[node])}]"

    def made(self) -> Iterator[int]:
        """Yields the nodes that compute something."""
        return iter(np.nonzero(self.network.kinds >= TABLES)[0].tolist())

    def write(self, text: Text, adder: Callable[[Text, str, int, list[Column], int], None]
              ) -> "Wires":
        """Adds every table, and calls ``adder`` for every adder.

        ``adder`` receives the module, the adder's name, its first column, the operands' bits by
        column, and 1 if the second operand is subtracted."""
        for n in self.made():
            last, first = int(self.network.widths[n]) - 1, int(self.first[n])
            if self.network.kinds[n] == TABLES:
                text.add(f"wire [{last}:{first}] n{n};")
                self.lookups(text, n)
                continue
            low, high, shift, sign = self.network.nodes[n].tolist()
            columns = [(self.bit(low, k), self.bit(high, k - shift))
                       for k in range(first, last + 1)]
            adder(text, f"n{n}", first, columns, sign)
        return self

    def lookups(self, text: Text, node: int, columns: Sequence[int] | None = None) -> None:
        """Adds the bits of a table as constants, indexed by the table's input bits.

        Parameters
        ----------
        text : the module to add to
        node : index of the node
        columns : index of each bit to add; all by default
        """
        bits, values = self.table(node)
        if columns is None:
            columns = range(int(self.first[node]), int(self.network.widths[node]))
        for k in columns:
            ones = sum(1 << code for code, value in enumerate(values.tolist()) if value >> k & 1)
            if not bits:    # a sum of constants
                text.assign(f"n{node}[{k}]", f"1'b{ones}")
                continue
            text.assign(f"n{node}[{k}]",
                        f"{len(values)}'h{ones:x} >> {{{', '.join(reversed(bits))}}}", bits)

    def table(self, node: int) -> tuple[list[str], np.ndarray]:
        """Returns the input bits of a table, and its value for each of their combinations."""
        network = self.network
        inputs = sorted(_inputs(network, node))
        bits = [(i, k) for i in inputs for k in range(int(network.widths[i]))]
        codes = np.arange(1 << len(bits))
        x = np.zeros((len(codes), network.inputs), np.int64)
        for at, (i, k) in enumerate(bits):
            weight = 1 << k
            if network.lo[i] < 0 and k == network.widths[i] - 1:
                weight = -weight
            x[:, i] += (codes >> at & 1) * weight
        return [self.bit(i, k) for i, k in bits], _value(network, node, x)


def _inputs(network: Network, node: int) -> set[int]:
    if network.nodes[node, 0] == NONE:
        return {node} if node < network.inputs else set()
    return _inputs(network, int(network.nodes[node, 0])) | _inputs(
        network, int(network.nodes[node, 1]))


def _value(network: Network, node: int, x: np.ndarray) -> np.ndarray:
    low, high, shift, sign = network.nodes[node].tolist()
    if low == NONE:
        return x[:, node] if node < network.inputs else np.full(len(x), network.lo[node])
    more = _value(network, high, x) << shift
    return _value(network, low, x) + (-more if sign else more)

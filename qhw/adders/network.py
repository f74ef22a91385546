"""A network of adders for a constant matrix: its nodes, bits and cost.

Parameters
----------
nodes : (nodes, 4): low, high, shift, sign
lo, hi : intervals of the nodes, (nodes,)
support : input bits that each node depends on, (nodes,)
outputs : roots (outputs, 3): node, shift, sign
table : inputs of a LUT
widths : bits of each node, (nodes,)
kind : unused, wires, table or adder, (nodes,)
begin : the first bit that each adder computes, (nodes,)
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..tools.compiled import Ints, njit
from .order import NONE, tabled
from .share import width

__all__ = ["ADDER", "TABLES", "UNUSED", "WIRES", "Network", "cost", "size"]


@dataclass(frozen=True, eq=False)
class Network:
    """``y = matrix @ x + offset`` in adders of two operands.

    Node ``n`` is low + (-1)**sign * (high << shift), one row of ``nodes`` each. The first nodes
    are inputs, then constants, whose intervals have one integer. An output is a node << shift.
    """

    inputs: int
    nodes: np.ndarray
    lo: np.ndarray
    hi: np.ndarray
    levels: np.ndarray
    """Adders in series up to each node."""
    support: np.ndarray
    """Input bits that each node depends on; counted up to ``table`` + 1."""
    outputs: np.ndarray
    """(node, shift) each; node -1 is the constant 0."""
    flips: np.ndarray
    """Adders that should add complements, (nodes,), for families where polarity matters."""
    table: int
    """Most input bits of a sum that is a table: the inputs of a LUT."""
    signs: bool = False
    """Whether only the sign of each output is needed."""

    @property
    def first(self) -> int:
        """The first node with operands."""
        return int(np.searchsorted(self.nodes[:, 0] != NONE, True))

    @property
    def depth(self) -> int:
        """Number of adders in series on the longest path."""
        used = self.outputs[self.outputs[:, 0] != NONE, 0]
        return int(self.levels[used].max(initial=0))

    @cached_property
    def pins(self) -> np.ndarray:
        """Lists (node, bit, inverted) for the outputs' bits, (pins, 3).

        With ``signs`` an output has one pin, which is 1 if the output is not negative."""
        found = list[tuple[int, int, int]]()
        for n, shift in self.outputs.tolist():
            if self.signs:
                found.append((n, int(self.widths[n]) if n != NONE else 0, 1))
            else:
                bits = int(self.widths[n]) + shift if n != NONE else 1
                found += [(n if k >= shift else NONE, k - shift, 0) for k in range(bits)]
        return np.array(found, np.int64).reshape(-1, 3)

    @cached_property
    def widths(self) -> np.ndarray:
        """Bits of each node, with a sign where it can be negative."""
        return widths(self.lo, self.hi)

    @cached_property
    def kinds(self) -> np.ndarray:
        """The kind of each node, (nodes,): unused, wires, table or adder."""
        return kinds(self.nodes, self.lo, self.hi, self.support, self.outputs, self.table)

    @cached_property
    def begins(self) -> np.ndarray:
        """The lowest bit that each node computes itself, (nodes,)."""
        return begins(self.nodes, self.kinds)

    @cached_property
    def cost(self) -> int:
        """Bits of adders plus LUTs of tables."""
        return cost(self.widths, self.kinds, self.begins, self.support, self.table)

    def evaluate(self, x: np.ndarray) -> np.ndarray:
        """The outputs for inputs of shape (samples, inputs), exactly."""
        x = np.asarray(x)
        values: list[np.ndarray] = [
            x[:, i].astype(object if self._wide else np.int64) for i in range(self.inputs)]
        nodes: list[list[int]] = self.nodes[self.first:].tolist()
        outputs: list[list[int]] = self.outputs.tolist()
        zero = values[0] * 0 if values else np.zeros(len(x), np.int64)
        values += [zero + int(c) for c in self.lo[self.inputs:self.first]]
        for low, high, shift, sign in nodes:
            more = values[high] << shift
            values.append(values[low] - more if sign else values[low] + more)
        return np.stack([values[n] << s if n != NONE else zero for n, s in outputs], axis=1)

    @property
    def _wide(self) -> bool:
        return bool(self.widths.max(initial=0) + self.outputs[:, 1].max(initial=0) > 62)


UNUSED, WIRES, TABLES, ADDER = range(4)


@njit
def widths(lo: Ints, hi: Ints) -> Ints:
    """Bits of each interval."""
    found = np.zeros(len(lo), np.int64)
    for n in range(len(lo)):
        found[n] = width(lo[n], hi[n])
    return found


@njit
def cost(widths: Ints, kind: Ints, begin: Ints, support: Ints, table: int) -> int:
    """Computes the cost of a network: bits of adders and LUTs of tables."""
    total = 0
    for n in range(len(widths)):
        if kind[n] == TABLES:
            total += tabled(widths[n] - begin[n], support[n], table)
        elif kind[n] == ADDER:
            total += widths[n] - begin[n]
    return total


@njit
def begins(nodes: Ints, kind: Ints) -> Ints:
    """Computes the lowest bit that each node computes itself, (nodes,); a table includes passed-on
    bits."""
    first = np.zeros(len(nodes), np.int64)
    for n in range(len(nodes)):
        low = nodes[n, 0]
        if low >= 0 and (kind[n] != TABLES or nodes[low, 0] < 0):
            first[n] = nodes[n, 2]
    return first


@njit
def size(nodes: Ints, lo: Ints, hi: Ints, support: Ints, outputs: Ints, table: int) -> int:
    """Computes the cost of a network from its nodes, in bits and LUTs."""
    kind = kinds(nodes, lo, hi, support, outputs, table)
    return cost(widths(lo, hi), kind, begins(nodes, kind), support, table)


@njit
def kinds(nodes: Ints, lo: Ints, hi: Ints, support: Ints, outputs: Ints, table: int) -> Ints:
    """Finds the kind of each node, (nodes,); a table reads bits of inputs, not its operands."""
    kind = np.full(len(nodes), UNUSED, np.int64)
    for o in range(len(outputs)):
        if outputs[o, 0] >= 0:
            kind[outputs[o, 0]] = WIRES
    for n in range(len(nodes) - 1, -1, -1):
        low: int
        low, high, shift, sign = nodes[n]
        if kind[n] == UNUSED or low == NONE:
            continue
        if sign == 0 and lo[low] >= 0 and width(lo[low], hi[low]) <= shift:
            kind[low] = kind[high] = WIRES
        elif width(lo[n], hi[n]) <= shift:      # nothing but the low operand's bits
            kind[low] = WIRES
        elif support[n] <= table:
            kind[n] = TABLES
        else:
            kind[n] = ADDER
            kind[low] = kind[high] = WIRES
    return kind

"""Adders of three operands, for chips with a LUT before each carry.

The LUT adds two of the operands to a third one in the carry chain. An adder A absorbs an adder B if
A is the only reader of B."""

import numpy as np

from .network import ADDER, UNUSED, Network, cost
from .order import NONE

__all__ = ["Operand", "first_columns", "fused", "fused_cost"]

Operand = tuple[int, int, int]
"""Node, shift, sign."""


CELLS = {2: 2, 3: 3}
"""Cells in series in an adder, by operands: a LUT and the chain; before them, the LUT that adds
three bits to two."""


def fused(network: Network) -> dict[int, list[Operand]]:
    """Selects the adders to fuse; returns the two or three operands of each adder left.

    The selection saves the most bits on condition that no path gets more cells than in the network
    of two-operand adders.
    """
    apart = set[tuple[int, int]]()
    while True:
        found = _fused(network, apart)
        deeper = _deeper(network, found)
        if not deeper:
            return found
        apart |= deeper


def _deeper(network: Network, operands: dict[int, list[Operand]]) -> set[tuple[int, int]]:
    """Finds the fused adders, each with the adder it absorbed, that make the longest path too long.
    """
    cells, last = dict[int, int](), dict[int, int]()
    for n, terms in operands.items():
        last[n] = max((node for node, _, _ in terms), key=lambda node: cells.get(node, 0))
        cells[n] = cells.get(last[n], 0) + CELLS[len(terms)]
    n = max(cells, key=lambda node: cells[node], default=NONE)
    if n == NONE or cells[n] <= CELLS[2] * network.depth:
        return set()
    found = set[tuple[int, int]]()
    while n in operands:
        own = set(network.nodes[n, :2].tolist())
        if len(operands[n]) == 3 and last[n] in own:
            found.add((n, *(own - {node for node, _, _ in operands[n]})))
        n = last[n]
    return found


def _fused(network: Network, apart: set[tuple[int, int]]) -> dict[int, list[Operand]]:
    """Selects the adders to fuse, except the pairs (adder, absorbed adder) in ``apart``."""
    single = _single(network)
    adders = np.nonzero(network.kinds == ADDER)[0].tolist()
    cost = (network.widths - network.begins).tolist()
    alone, with_child = dict[int, int](), dict[int, tuple[int, int]]()
    for n in adders:
        children = [c for c in network.nodes[n, :2].tolist() if c in alone and c in single]
        alone[n] = sum(max(alone[c], with_child[c][0]) for c in children)
        with_child[n] = max(((alone[n] - max(alone[c], with_child[c][0]) + alone[c] + cost[c]
                              - max(_longer(network, n, c), 0), c) for c in children
                             if (n, c) not in apart), default=(-1, NONE))
    gone, found = set[int](), dict[int, list[Operand]]()
    for n in reversed(adders):
        if n in gone:
            continue
        gain, child = with_child[n]
        if gain > alone[n]:
            gone.add(child)
        else:
            child = NONE
        found[n] = _operands(network, n, child)
    return dict(sorted(found.items()))


def first_columns(network: Network, operands: dict[int, list[Operand]]) -> np.ndarray:
    """Computes the lowest bit that each node adds itself, (nodes,): the bit where its second
    operand begins."""
    first = network.begins.copy()
    for n, terms in operands.items():
        first[n] = sorted(shift for _, shift, _ in terms)[1]
    return first


def fused_cost(network: Network) -> int:
    """Computes the cost of a fused network in LUTs: tables, and adders of two or three operands.

    An adder takes one LUT for each column. In an adder of two operands, a last column that adds
    only copies of the operands' signs takes none, because its sum equals that of the column before.
    """
    operands, kinds = fused(network), network.kinds.copy()
    kinds[[n for n in np.nonzero(kinds == ADDER)[0].tolist() if n not in operands]] = UNUSED
    again = sum(all(_repeats(network, node, shift, int(network.widths[n]) - 1)
                    for node, shift, _ in terms)
                for n, terms in operands.items() if len(terms) == 2)
    return cost(network.widths, kinds, first_columns(network, operands), network.support,
                network.table) - again


def _repeats(network: Network, node: int, shift: int, last: int) -> bool:
    """Tells whether an operand has the same bit in the last column as in the column before."""
    return shift + int(network.widths[node]) <= last - int(network.lo[node] >= 0)


def _longer(network: Network, n: int, child: int) -> int:
    """Counts the columns that an adder gains by absorbing its lower operand."""
    low, _, shift, _ = network.nodes[n].tolist()
    return shift - int(network.nodes[child, 2]) if child == low else 0


def _single(network: Network) -> set[int]:
    """Finds the nodes with exactly one reader, an adder."""
    made = network.kinds >= 1
    reads = np.bincount(network.nodes[made & (network.nodes[:, 0] != NONE), :2].ravel(),
                        minlength=len(network.nodes))
    reads += np.bincount(network.pins[network.pins[:, 0] != NONE, 0],
                         minlength=len(network.nodes))
    return set(np.nonzero(reads == 1)[0].tolist())


def _operands(network: Network, n: int, child: int) -> list[Operand]:
    low, high, shift, sign = network.nodes[n].tolist()
    found = list[Operand]()
    for node, more, turned in ((low, 0, 0), (high, shift, sign)):
        if node == child:
            a, b, inner, inner_sign = network.nodes[node].tolist()
            found += [(a, more, turned), (b, more + inner, turned ^ inner_sign)]
        else:
            found.append((node, more, turned))
    return found

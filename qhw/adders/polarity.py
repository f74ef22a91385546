"""Which bits a carry chain gets inverted: where the chain adds its raw operands, a difference
needs one of them complemented, and a signal that is wanted both ways pays for inverters.

Every adder computes either low + high or their complements' sum, which is the sum's complement;
what it gives out it can invert for nothing.
"""

import numpy as np

from ..tools.compiled import njit
from .network import ADDER, WIRES, Network

__all__ = ["ONE", "ZERO", "bit_numbers", "choose", "demands", "extended", "inverters"]

ZERO, ONE = -1, -2
"""Constant bits."""
ROUNDS, HEAT = 10, 0.3


@njit
def bit_numbers(nodes, widths, lo, kind, inputs, first):
    """Where each node's bits begin, and the bit that each one really is: itself, from the node's
    ``first`` on, one that is passed on, or a constant."""
    start = np.zeros(len(nodes) + 1, np.int64)
    for n in range(len(nodes)):
        start[n + 1] = start[n] + widths[n]
    real = np.arange(start[-1])
    for n in range(inputs, len(nodes)):
        low, high, shift, _ = nodes[n]
        for k in range(widths[n]):
            if low < 0:
                real[start[n] + k] = ONE if lo[n] >> k & 1 else ZERO
            elif k < (shift if kind[n] == WIRES else first[n]):
                real[start[n] + k] = extended(real, start, widths, lo, low, k)
            elif kind[n] == WIRES:
                real[start[n] + k] = extended(real, start, widths, lo, high, k - shift)
    return start, real


@njit
def extended(real, start, widths, lo, n, k):
    """Bit ``k`` of a node, however wide it is; of no node, 0."""
    if n < 0:
        return ZERO
    if k < widths[n]:
        return real[start[n] + k]
    return real[start[n] + widths[n] - 1] if lo[n] < 0 else ZERO


@njit
def _ask(wanted, real, start, widths, lo, node, first, last, inverted, by):
    for k in range(first, _end(widths, node, first, last)):
        bit = extended(real, start, widths, lo, node, k)
        if bit >= 0:
            wanted[bit, inverted] += by


@njit
def _end(widths, node, first, last):
    """Where the bits of a node end that columns read, from its bit ``first`` to before ``last``:
    all that follow its sign are the sign again, which is read even where it begins after it."""
    return min(last, max(widths[node], first + 1))


@njit
def _ask_operands(wanted, real, start, widths, lo, nodes, n, flipped, by):
    low, high, shift, sign = nodes[n]
    _ask(wanted, real, start, widths, lo, low, shift, widths[n], flipped, by)
    _ask(wanted, real, start, widths, lo, high, 0, widths[n] - shift, flipped ^ sign, by)


@njit
def demands(nodes, widths, lo, kind, pins, start, real, flipped):
    """How often each bit is wanted as it is and inverted; pins are (node, bit, inverted)."""
    wanted = np.zeros((len(real), 2), np.int64)
    for p in range(len(pins)):
        bit = extended(real, start, widths, lo, pins[p, 0], pins[p, 1])
        if bit >= 0:
            wanted[bit, pins[p, 2]] += 1
    for n in range(len(nodes)):
        if nodes[n, 0] < 0:
            for k in range(widths[n]):
                wanted[start[n] + k, 0] += 1
        elif kind[n] == ADDER:
            _ask_operands(wanted, real, start, widths, lo, nodes, n, flipped[n], 1)
    return wanted


@njit
def _inverters(wanted, real, start, widths, lo, n, first, last):
    total = 0
    for k in range(first, _end(widths, n, first, last)):
        bit = extended(real, start, widths, lo, n, k)
        if bit >= 0 and wanted[bit, 0] > 0 and wanted[bit, 1] > 0:
            total += 1
    return total


@njit
def _near(wanted, real, start, widths, lo, nodes, n):
    low, high, shift, _ = nodes[n]
    return (_inverters(wanted, real, start, widths, lo, low, shift, widths[n])
            + _inverters(wanted, real, start, widths, lo, high, 0, widths[n] - shift))


@njit
def choose(nodes, widths, lo, kind, pins, start, real, flips, seed):
    """Which adders add complements, and how many inverters are left; from ``flips`` on a descent
    with kicks."""
    np.random.seed(seed)
    flipped = flips.copy()
    wanted = demands(nodes, widths, lo, kind, pins, start, real, flipped)
    adders = np.nonzero(kind == ADDER)[0]
    heat = HEAT
    for turn in range(ROUNDS):
        for n in np.random.permutation(adders):
            before = _near(wanted, real, start, widths, lo, nodes, n)
            _ask_operands(wanted, real, start, widths, lo, nodes, n, flipped[n], -1)
            _ask_operands(wanted, real, start, widths, lo, nodes, n, 1 - flipped[n], 1)
            worse = _near(wanted, real, start, widths, lo, nodes, n) - before
            last = turn >= ROUNDS - 3
            if worse < 0 or (not last and np.random.random() < np.exp(-worse / heat)):
                flipped[n] = 1 - flipped[n]
            else:
                _ask_operands(wanted, real, start, widths, lo, nodes, n, 1 - flipped[n], -1)
                _ask_operands(wanted, real, start, widths, lo, nodes, n, flipped[n], 1)
        heat *= 0.85
    both = 0
    for bit in range(len(real)):
        both += wanted[bit, 0] > 0 and wanted[bit, 1] > 0
    return flipped, both


def inverters(network: Network, seed: int = 0) -> int:
    """How many inverters a network takes."""
    start, real = bit_numbers(network.nodes, network.widths, network.lo, network.kinds,
                              network.inputs, network.begins)
    return choose(network.nodes, network.widths, network.lo, network.kinds, network.pins, start,
                  real, network.flips, seed)[1]

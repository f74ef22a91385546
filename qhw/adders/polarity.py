"""Polarities of the bits in a carry chain that adds raw operands (iCE40).

A difference needs one operand complemented, and a bit that is read in both polarities needs an
inverter. Every adder computes either low + high, or the sum of their complements, which is the
complement of the sum. Inverting its output is free.

All functions share these parameters, int64 arrays.

Parameters
----------
nodes : (nodes, 4): low, high, shift, sign
widths : bits of each node, (nodes,)
lo : least value of each node, (nodes,)
kind : unused, wires, table or adder, (nodes,)
inputs : number of inputs, the first nodes
first : the first bit that each node computes itself, (nodes,)
pins : the outputs' bits, (pins, 3): node, bit, inverted
start : index of each node's first bit among all bits, (nodes + 1,)
real : the driver of each bit, (bits,): a bit's index, ``ZERO`` or ``ONE``
flipped, flips : 1 for adders that add complements, (nodes,)
n, k : index of a node and of one of its bits
seed : a number that starts the random search
"""

import numpy as np

from ..tools.compiled import Ints, njit
from .network import ADDER, WIRES, Network

__all__ = ["ONE", "ZERO", "bit_numbers", "choose", "demands", "extended", "inverters"]

ZERO, ONE = -1, -2
"""Constant bits."""
ROUNDS, HEAT = 10, 0.3


@njit
def bit_numbers(nodes: Ints, widths: Ints, lo: Ints, kind: Ints, inputs: int,
                first: Ints) -> tuple[Ints, Ints]:
    """Numbers all bits: returns ``start`` and ``real``.

    A bit's driver is itself, the bit that its node passes on, or a constant.
    """
    start = np.zeros(len(nodes) + 1, np.int64)
    for n in range(len(nodes)):
        start[n + 1] = start[n] + widths[n]
    real = np.arange(int(start[-1]))
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
def extended(real: Ints, start: Ints, widths: Ints, lo: Ints, n: int, k: int) -> int:
    """Returns the driver of bit ``k`` of a node, sign-extended; 0 if there is no node."""
    if n < 0:
        return ZERO
    if k < widths[n]:
        return int(real[start[n] + k])
    return int(real[start[n] + widths[n] - 1]) if lo[n] < 0 else ZERO


@njit
def _ask(wanted: Ints, real: Ints, start: Ints, widths: Ints, lo: Ints, node: int, first: int,
         last: int, inverted: int, by: int) -> None:
    for k in range(first, _end(widths, node, first, last)):
        bit = extended(real, start, widths, lo, node, k)
        if bit >= 0:
            wanted[bit, inverted] += by


@njit
def _end(widths: Ints, node: int, first: int, last: int) -> int:
    """Where the bits of a node end that columns read, from its bit ``first`` to before ``last``:
    all that follow its sign are the sign again, which is read even where it begins after it."""
    return min(last, max(widths[node], first + 1))


@njit
def _ask_operands(wanted: Ints, real: Ints, start: Ints, widths: Ints, lo: Ints, nodes: Ints,
                  n: int, flipped: int, by: int) -> None:
    low, high, shift, sign = nodes[n]
    _ask(wanted, real, start, widths, lo, low, shift, widths[n], flipped, by)
    _ask(wanted, real, start, widths, lo, high, 0, widths[n] - shift, flipped ^ sign, by)


@njit
def demands(nodes: Ints, widths: Ints, lo: Ints, kind: Ints, pins: Ints, start: Ints, real: Ints,
            flipped: Ints) -> Ints:
    """Counts how often each bit is read as it is and inverted, (bits, 2)."""
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
def _inverters(wanted: Ints, real: Ints, start: Ints, widths: Ints, lo: Ints, n: int, first: int,
               last: int) -> int:
    total = 0
    for k in range(first, _end(widths, n, first, last)):
        bit = extended(real, start, widths, lo, n, k)
        if bit >= 0 and wanted[bit, 0] > 0 and wanted[bit, 1] > 0:
            total += 1
    return total


@njit
def _near(wanted: Ints, real: Ints, start: Ints, widths: Ints, lo: Ints, nodes: Ints,
          n: int) -> int:
    low, high, shift, _ = nodes[n]
    return (_inverters(wanted, real, start, widths, lo, low, shift, widths[n])
            + _inverters(wanted, real, start, widths, lo, high, 0, widths[n] - shift))


@njit
def choose(nodes: Ints, widths: Ints, lo: Ints, kind: Ints, pins: Ints, start: Ints, real: Ints,
           flips: Ints, seed: int) -> tuple[Ints, int]:
    """Selects the adders that add complements: local search from ``flips``, with random
    perturbations.

    Returns their flags (nodes,) and the number of inverters."""
    np.random.seed(seed)
    flipped = flips.copy()
    wanted = demands(nodes, widths, lo, kind, pins, start, real, flipped)
    adders = np.nonzero(kind == ADDER)[0]
    heat = HEAT
    for turn in range(ROUNDS):
        for n in np.random.permutation(adders):
            now = int(flipped[n])
            before = _near(wanted, real, start, widths, lo, nodes, n)
            _ask_operands(wanted, real, start, widths, lo, nodes, n, now, -1)
            _ask_operands(wanted, real, start, widths, lo, nodes, n, 1 - now, 1)
            worse = _near(wanted, real, start, widths, lo, nodes, n) - before
            last = turn >= ROUNDS - 3
            if worse < 0 or (not last and np.random.random() < np.exp(-worse / heat)):
                flipped[n] = 1 - now
            else:
                _ask_operands(wanted, real, start, widths, lo, nodes, n, 1 - now, -1)
                _ask_operands(wanted, real, start, widths, lo, nodes, n, now, 1)
        heat *= 0.85
    both = 0
    for bit in range(len(real)):
        both += wanted[bit, 0] > 0 and wanted[bit, 1] > 0
    return flipped, both


def inverters(network: Network, seed: int = 0) -> int:
    """Counts the inverters that a network takes."""
    start, real = bit_numbers(network.nodes, network.widths, network.lo, network.kinds,
                              network.inputs, network.begins)
    return choose(network.nodes, network.widths, network.lo, network.kinds, network.pins, start,
                  real, network.flips, seed)[1]

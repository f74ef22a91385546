"""Expands shared sums into a network of two-operand adders.

Node n is low +- high << shift. The first ``inputs`` nodes are the inputs and have no operands. A
root is a node times a signed power of two; it is one output of the matrix."""

import numpy as np

from ..tools.compiled import Ints, njit
from .order import COLUMNS, NODE, NONE, NUMBER, Cells, Nodes, Term, add_up, extend, settle
from .share import ITEM, LINE, SHIFT, SIGN

__all__ = ["build"]


NOISE = 8.0
"""Columns by which costs vary where other orders of a sum are tried."""


@njit
def _terms(digits: Ints, root: Ints) -> tuple[Ints, bool]:
    """Makes the terms of a sum's digits; returns them and whether all their roots are known."""
    terms = np.zeros((len(digits), COLUMNS), np.int64)
    for t in range(len(digits)):
        digit, r = digits[t], root[digits[t, ITEM]]
        if r[0] == NONE:
            return terms, False
        terms[t, NODE], terms[t, SHIFT] = r[0], r[1] + digit[SHIFT]
        terms[t, SIGN], terms[t, NUMBER] = r[2] ^ digit[SIGN], t
    return terms, True


@njit
def _begun(lo: Ints, hi: Ints, input_bits: Ints, zero: int, most: int) -> Nodes:
    """Makes room for ``most`` nodes and enters the inputs; a constant exists in both polarities."""
    inputs = len(lo)
    nodes = Nodes(np.full((most, 4), NONE, np.int64),
                  np.append(lo, np.zeros(most - inputs, np.int64)),
                  np.append(hi, np.zeros(most - inputs, np.int64)),
                  np.zeros(most, np.int64), np.zeros(most, np.int64),
                  np.zeros((most, 2), np.bool_), np.full(most, NONE, np.int64))
    nodes.support[:inputs] = input_bits
    nodes.ready[:zero, 0] = True
    nodes.ready[zero:inputs] = True
    return nodes


@njit
def _begins(digits: Ints, lines: int) -> Ints:
    """Finds where the digits of each line begin, (lines + 1,)."""
    start = np.zeros(lines + 1, np.int64)
    for d in range(len(digits)):
        start[digits[d, LINE] + 1] += 1
    return np.cumsum(start)


@njit
def _added(nodes: Nodes, cells: Cells, n: int, terms: Ints, slack: int, memo: Ints,
           tries: int) -> tuple[Term, int, int]:
    """Adds the terms of a sum in the cheapest of several orders, as nodes from ``n`` on.

    Returns the sum as a term, the next node's index and the inverters used."""
    best, least, last = 0, 1e18, n
    for k in range(tries):
        np.random.seed(k)
        ready = nodes.ready[:n].copy()
        _, last, _, spent = add_up(nodes, cells, n, terms.copy(), len(terms), slack, memo,
                                   n * (tries + 1) + k, NOISE if k else 0.0)
        nodes.ready[:n] = ready
        nodes.ready[n:last], nodes.flips[n:last] = False, NONE
        if spent < least:
            best, least = k, spent
    np.random.seed(best)
    found, n, inverters, _ = add_up(nodes, cells, n, terms, len(terms), slack, memo,
                                    n * (tries + 1) + tries, NOISE if best else 0.0)
    return found, n, inverters


@njit
def _ended(nodes: Nodes, cells: Cells, inputs: int, zero: int, n: int, roots: Ints,
           ends: Ints) -> tuple[int, int]:
    """Subtracts negated outputs from 0, gives outputs their exact intervals and decides the
    polarity of all undecided adders.

    Returns the next node's index and the inverters used.
    """
    inverters = 0
    for o in range(len(roots)):
        root = roots[o]
        if root[2] == 1:
            new = extend(nodes, cells.table, n, Term(zero, 0, 0), Term(root[0], root[1], 1))
            root[0], root[1], root[2] = new.node, new.shift, new.sign
            n += 1
        if root[0] >= inputs:
            nodes.lo[root[0]], nodes.hi[root[0]] = ends[o, 0] >> root[1], ends[o, 1] >> root[1]
    for k in range(inputs, n):
        if nodes.flips[k] == NONE:
            low, high, _, sign = nodes.operands[k]
            more, nodes.flips[k] = settle(nodes.ready, nodes.lo, nodes.hi, Term(low, 0, 0),
                                          Term(high, 0, sign))
            inverters += more
    return n, inverters


@njit
def build(digits: Ints, ends: Ints, lo: Ints, hi: Ints, input_bits: Ints, zero: int, slack: int,
          inverter: float, table: int, tries: int
          ) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints, Ints, int]:
    """Builds the adders of all sums.

    Returns nodes (nodes, 4), intervals ``lo`` and ``hi``, depths and supports (nodes,), the
    outputs' roots (outputs, 2), a flag for each adder that adds complements (nodes,), and the
    estimated number of inverters. Line k < ``outputs`` is an output; the lines after it are the
    items behind the inputs. A line without digits has the root -1.

    Parameters
    ----------
    digits : (digits, 4): line, item, shift, sign; sorted by line
    ends : the outputs' intervals, (outputs, 2), which are smaller than the sums of the terms'
        where an input is in several terms
    lo, hi : the inputs' intervals (inputs,)
    input_bits : bits of each input, (inputs,)
    zero : index of the first item that is a constant
    slack : adders by which a sum may be deeper than a balanced tree
    inverter : weight of an inverter, in columns of an adder
    tries : orders that are tried of each sum
    table : inputs of a LUT; sums of at most this many input bits become tables of one LUT a bit"""
    inputs, outputs, cells = len(lo), len(ends), Cells(table, inverter)
    lines = max(digits[-1, LINE] + 1 if len(digits) else 0, outputs)
    nodes = _begun(lo, hi, input_bits, zero, inputs + len(digits) + outputs)
    root = np.full((inputs + lines, 3), NONE, np.int64)     # node, shift, sign
    for i in range(inputs):
        root[i, 0], root[i, 1], root[i, 2] = i, 0, 0
    start = _begins(digits, lines)
    longest = 2 * (start[1:] - start[:-1]).max()    # each of its terms and sums has a number
    memo = np.zeros((longest, longest, 3), np.int64)
    n, inverters, waiting = inputs, 0, True
    while waiting:      # an item may use items whose lines come later
        waiting = False
        for line in range(lines - 1, -1, -1):
            at = inputs + line - outputs if line >= outputs else inputs + lines - outputs + line
            count = start[line + 1] - start[line]
            if root[at, 0] != NONE or count == 0:
                continue
            terms, known = _terms(digits[start[line]:start[line + 1]], root)
            if known:
                if count > 2 and tries > 1:
                    found, n, more = _added(nodes, cells, n, terms, slack, memo, tries)
                else:
                    found, n, more, _ = add_up(nodes, cells, n, terms, count, slack, memo,
                                               n * (tries + 1), 0.0)
                root[at, 0], root[at, 1], root[at, 2] = found.node, found.shift, found.sign
                inverters += more
            else:
                waiting = True
    roots = root[inputs + lines - outputs:]
    n, more = _ended(nodes, cells, inputs, zero, n, roots, ends)
    return (nodes.operands[:n], nodes.lo[:n], nodes.hi[:n], nodes.depth[:n], nodes.support[:n],
            roots[:, :2], nodes.flips[:n], inverters + more)

"""The order in which the terms of one sum are added, two at a time, as nodes.

Node n is low +- high << shift; a term is a node times a signed power of two.

Parameters
----------
nodes : all nodes, a ``Nodes``
cells : the chip's cells
n : index of the next node
a, b : terms to add
ready : polarities of each node that exist, bool (nodes, 2)
lo, hi : intervals of the nodes, (nodes,)
terms : terms of the sum (room, COLUMNS)
count : number of terms
slack : adders by which the sum may be deeper than a balanced tree
memo : costs of adding two terms, by their numbers, (terms, terms, 3)
stamp : a number of the order that is tried
noise : columns by which a cost varies randomly, so that another order is found
"""

from typing import NamedTuple

import numpy as np

from ..tools.compiled import Flags, Ints, njit
from .share import HIGH, ITEM, LINE, LOW, SHIFT, SIGN, added, width

__all__ = ["COLUMNS", "NODE", "NONE", "NUMBER", "Cells", "Nodes", "Term", "add_up", "extend",
           "settle", "tabled"]

NONE = -1

NODE, NUMBER = ITEM, LINE
"""Columns of a term besides SHIFT and SIGN: its node, and its number within the sum."""
COLUMNS = 4
STAMP, COST, SPREAD = range(3)
"""Columns of the memo of two terms: the sum it is computed for, and the results of ``_columns``."""

WINDOW = 6
"""Terms with the lowest top bits among which the next pair is sought."""

TOP = 4.0
"""Weight of a sum's highest bit relative to its columns; a low sum is added first."""


class Term(NamedTuple):
    """A node times a signed power of two: +- node << shift; a sign of 1 is minus."""

    node: int
    shift: int
    sign: int


class Cells(NamedTuple):
    """A chip's cells: inputs of a LUT, and an inverter's weight in columns of an adder."""

    table: int
    inverter: float


class Nodes(NamedTuple):
    """All nodes, with room for later ones; each array has a row per node."""

    operands: Ints
    """(nodes, 4): LOW, HIGH, SHIFT, SIGN; NONE for inputs."""
    lo: Ints
    hi: Ints
    depth: Ints
    """Adders and tables in series."""
    support: Ints
    """Input bits that the node depends on, at most one more than a table has inputs."""
    ready: Flags
    """(nodes, 2): whether the node exists as it is, and inverted."""
    flips: Ints
    """1 for an adder of complements, 0 for one of the operands, NONE while undecided."""


@njit
def _columns(lo: Ints, hi: Ints, a: Term, b: Term) -> tuple[int, int]:
    """Computes the bits of an adder of two terms, from the first column that both have to the sum's
    last, and the width of the whole sum."""
    low, high = (a, b) if _lower(a, b) else (b, a)
    shift, sign = high.shift - low.shift, high.sign ^ low.sign
    low_lo, low_hi = lo[low.node], hi[low.node]
    low_end, high_end = added(low_lo, low_hi, lo[high.node], hi[high.node], shift, sign)
    if sign == 0 and low_lo >= 0 and width(low_lo, low_hi) <= shift:
        return 0, high_end - low_end    # side by side: wires
    return max(width(low_end, high_end) - shift, 0), high_end - low_end


@njit
def _lower(a: Term, b: Term) -> bool:
    """Tells whether term ``a`` is the lower operand, whose sign the sum takes."""
    return a.shift < b.shift or (a.shift == b.shift and a.sign <= b.sign)


@njit
def tabled(bits: int, support: int, table: int) -> int:
    """Computes the LUTs of a sum read from a table: a LUT of 6 inputs has two outputs of 5 inputs.

    Parameters
    ----------
    bits : bits of the sum
    support : input bits that the sum depends on
    table : inputs of a LUT
    """
    return (bits + 1) // 2 if support < table == 6 else bits


@njit
def extend(nodes: Nodes, table: int, n: int, a: Term, b: Term) -> Term:
    """Adds node ``n``, the sum of the terms ``a`` and ``b``; returns it as a term.

    ``table`` is the number of inputs of a LUT; ``nodes`` receives the node's row."""
    low, high = (a, b) if _lower(a, b) else (b, a)
    shift, sign = high.shift - low.shift, high.sign ^ low.sign
    of, lo, hi, support = nodes.operands[n], nodes.lo, nodes.hi, nodes.support
    of[LOW], of[HIGH], of[SHIFT], of[SIGN] = low.node, high.node, shift, sign
    lo[n], hi[n] = added(lo[low.node], hi[low.node], lo[high.node], hi[high.node], shift, sign)
    support[n] = min(support[low.node] + support[high.node], table + 1)
    nodes.depth[n] = 1 if support[n] <= table else max(nodes.depth[low.node],
                                                       nodes.depth[high.node]) + 1
    return Term(n, low.shift, low.sign)


@njit
def _crowd(depth: Ints, terms: Ints, n: int) -> float:
    """Computes the leaves of a balanced tree with the depths of the first ``n`` terms."""
    total = 0.0
    for t in range(n):
        node: int = terms[t, NODE]
        total += 2.0 ** depth[node]
    return total


@njit
def _room(total: float, slack: int) -> float:
    """Computes the leaves of a tree that is ``slack`` levels deeper than ``total`` leaves need."""
    leaves = 1.0
    while leaves < total:
        leaves *= 2
    return leaves * 2.0 ** slack


@njit
def _missing(ready: Flags, node: int, inverted: int, bits: int) -> int:
    """Counts inverters for a node's other polarity, if only that one exists."""
    return bits if ready[node, 1 - inverted] and not ready[node, inverted] else 0


@njit
def _inverters(ready: Flags, lo: Ints, hi: Ints, a: Term, b: Term) -> tuple[int, int]:
    """Counts inverters for adding two shared terms; returns the count and the cheaper polarity."""
    sign = a.sign ^ b.sign
    a_bits, b_bits = width(lo[a.node], hi[a.node]), width(lo[b.node], hi[b.node])
    straight = _missing(ready, a.node, 0, a_bits) + _missing(ready, b.node, sign, b_bits)
    turned = _missing(ready, a.node, 1, a_bits) + _missing(ready, b.node, 1 - sign, b_bits)
    return (turned, 1) if turned < straight else (straight, 0)


@njit
def settle(ready: Flags, lo: Ints, hi: Ints, a: Term, b: Term) -> tuple[int, int]:
    """Marks the polarities of the terms ``a`` and ``b`` that their addition uses.

    Returns the number of inverters and the polarity of the sum."""
    inverters, turned = _inverters(ready, lo, hi, a, b)
    ready[a.node, turned] = True
    ready[b.node, turned ^ a.sign ^ b.sign] = True
    return inverters, turned


@njit
def _term(terms: Ints, at: int) -> Term:
    return Term(terms[at, NODE], terms[at, SHIFT], terms[at, SIGN])


@njit
def _ordered(terms: Ints, own: Ints, lo: Ints, hi: Ints, last: int) -> int:
    """Moves the last term to its place in ascending order of the top bit; returns the place."""
    def top(t: Ints) -> int:
        node: int = t[NODE]
        return t[SHIFT] + width(lo[node], hi[node])
    while last > 0 and top(terms[last]) < top(terms[last - 1]):
        for k in range(COLUMNS):
            terms[last, k], terms[last - 1, k] = terms[last - 1, k], terms[last, k]
        own[last], own[last - 1] = own[last - 1], own[last]
        last -= 1
    return last


@njit
def _remove(terms: Ints, own: Ints, count: int, at: int) -> int:
    """Removes the term at an index; returns the count of terms left."""
    for t in range(at, count - 1):
        terms[t] = terms[t + 1]
        own[t] = own[t + 1]
    return count - 1


@njit
def _cheapest(nodes: Nodes, cells: Cells, terms: Ints, own: Ints, count: int, total: float,
              leaves: float, recent: int, stamp: int, memo: Ints, noise: float) -> tuple[int, int]:
    """Chooses the two terms to add next: few columns, low bits, and no sum that is too deep.

    Looks among the WINDOW lowest terms, and among all terms if every pair of these is too deep.
    Returns their indices, the higher one first.
    """
    best, best_spread, p_best, q_best, seen = 1e18, 0, NONE, NONE, WINDOW
    lo, hi, depth, support, ready = nodes.lo, nodes.hi, nodes.depth, nodes.support, nodes.ready
    while p_best < 0:
        near = min(count, seen)
        for step in range(1, near + (recent >= near)):
            p = step if step < near else recent
            a = _term(terms, p)
            for q in range(min(p, near)):
                b = _term(terms, q)
                deep, shallow = max(depth[a.node], depth[b.node]), min(depth[a.node], depth[b.node])
                if total + 2.0 ** deep - 2.0 ** shallow > leaves:
                    continue
                one, two = terms[p, NUMBER], terms[q, NUMBER]
                known = memo[max(one, two), min(one, two)]
                if known[STAMP] != stamp:
                    known[STAMP] = stamp
                    known[COST], known[SPREAD] = _columns(lo, hi, a, b)
                cost, bits = known[COST], support[a.node] + support[b.node]
                if bits <= cells.table:
                    cost = tabled(cost, bits, cells.table)
                much = (1 + TOP) * cost + TOP * max(a.shift, b.shift)
                if bits <= cells.table:     # their own tables are then superfluous
                    much -= (1 + TOP) * (max(own[p], 0) + max(own[q], 0))
                    much -= p == recent or q == recent
                if own[p] < 0 and own[q] < 0:
                    much += cells.inverter * _inverters(ready, lo, hi, a, b)[0]
                if noise:
                    much += noise * np.random.random()
                if much < best or (much == best and known[SPREAD] < best_spread):
                    best, best_spread, p_best, q_best = much, known[SPREAD], p, q
        seen = count
    return p_best, q_best


@njit
def add_up(nodes: Nodes, cells: Cells, n: int, terms: Ints, count: int, slack: int,
           memo: Ints, stamp: int, noise: float) -> tuple[Term, int, int, float]:
    """Adds the first ``count`` of ``terms`` (room, COLUMNS), two at a time, as nodes from ``n`` on.

    ``memo`` holds the cost of adding two terms, by the terms' numbers, as far as it has the number
    ``stamp`` of this order. Returns the sum as a term, the next node's index, the inverters used
    and the cost, in columns."""
    lo, hi, depth, support, table = nodes.lo, nodes.hi, nodes.depth, nodes.support, cells.table
    # LUTs saved if a later table absorbs this term's table; -1 for terms that other sums use too.
    own = np.full(len(terms), -1, np.int64)
    inverters, numbers, spent = 0, count, 0.0
    recent = NONE   # index of the last table while it has inputs free
    total = _crowd(depth, terms, count)
    leaves = _room(total, slack)
    for last in range(count):
        _ordered(terms, own, lo, hi, last)
    while count > 1:
        p, q = _cheapest(nodes, cells, terms, own, count, total, leaves, recent, stamp, memo, noise)
        a, b = _term(terms, p), _term(terms, q)
        if own[p] < 0 and own[q] < 0:
            more, turned = settle(nodes.ready, lo, hi, a, b)
            inverters += more
            nodes.flips[n] = turned if _lower(a, b) else turned ^ a.sign ^ b.sign
        deep, shallow = max(depth[a.node], depth[b.node]), min(depth[a.node], depth[b.node])
        total += 2.0 ** deep - 2.0 ** shallow
        bits = support[a.node] + support[b.node]
        saved = _columns(lo, hi, a, b)[0]
        if bits <= table:
            saved = tabled(saved, bits, table)
            spent -= max(own[p], 0) + max(own[q], 0)
        spent += saved
        new = extend(nodes, table, n, a, b)
        if support[n] <= table:
            total += 2.0 ** depth[n] - 2.0 ** (deep + 1)
        count = _remove(terms, own, _remove(terms, own, count, p), q)   # q is before p
        at = terms[count]
        at[NODE], at[SHIFT], at[SIGN], at[NUMBER] = new.node, new.shift, new.sign, numbers
        own[count] = saved if bits <= table else 0
        recent = _ordered(terms, own, lo, hi, count)
        if support[n] >= table or table == 4:
            recent = NONE
        numbers, count, n = numbers + 1, count + 1, n + 1
    return _term(terms, 0), n, inverters, spent + cells.inverter * inverters

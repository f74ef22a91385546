"""From shared sums to two-operand adders: the order in which the terms of each sum are added.

Node n is low +- high << shift. The first ``inputs`` nodes have no operands. A root is a node times
a signed power of two.
"""

import numpy as np

from ..tools.compiled import njit
from .share import added, width

__all__ = ["NONE", "build", "tabled"]

NONE = -1

WINDOW = 6
"""Terms with the lowest top bits among which the next pair is sought."""

TOP = 4.0
"""Weight of a sum's highest bit relative to its columns; a low sum is added first."""


@njit
def _columns(lo, hi, a, b):
    """Computes the bits of an adder of two terms: from the first column that both have to the sum's
    last."""
    low, high = (a, b) if _lower(a, b) else (b, a)
    shift, sign = high[1] - low[1], high[2] ^ low[2]
    low_end, high_end = added(lo[low[0]], hi[low[0]], lo[high[0]], hi[high[0]], shift, sign)
    if sign == 0 and lo[low[0]] >= 0 and width(lo[low[0]], hi[low[0]]) <= shift:
        return 0, high_end - low_end
    return max(width(low_end, high_end) - shift, 0), high_end - low_end


@njit
def _lower(a, b):
    """Tells whether term ``a`` is the lower operand, whose sign the sum takes."""
    return a[1] < b[1] or (a[1] == b[1] and a[2] <= b[2])


@njit
def tabled(bits, support, table):
    """Computes the LUTs of a sum read from a table: a LUT of 6 inputs has two outputs of 5 inputs.

    Parameters
    ----------
    bits : bits of the sum
    support : input bits that the sum depends on
    table : inputs of a LUT
    """
    return (bits + 1) // 2 if support < table == 6 else bits


@njit
def _extend(nodes, lo, hi, depth, support, table, n, a, b):
    """Adds node ``n``, the sum of two terms; returns it as a term."""
    low, high = (a, b) if _lower(a, b) else (b, a)
    shift, sign = high[1] - low[1], high[2] ^ low[2]
    nodes[n, 0], nodes[n, 1], nodes[n, 2], nodes[n, 3] = low[0], high[0], shift, sign
    lo[n], hi[n] = added(lo[low[0]], hi[low[0]], lo[high[0]], hi[high[0]], shift, sign)
    support[n] = min(support[low[0]] + support[high[0]], table + 1)
    depth[n] = 1 if support[n] <= table else max(depth[low[0]], depth[high[0]]) + 1
    return n, low[1], low[2]


@njit
def _crowd(depth, terms, n):
    """Computes the leaves of a balanced tree with the depths of the first ``n`` terms."""
    total = 0.0
    for t in range(n):
        total += 2.0 ** depth[terms[t, 0]]
    return total


@njit
def _missing(ready, node, inverted, bits):
    """Counts inverters for a node's other polarity, if only that one exists."""
    return bits if ready[node, 1 - inverted] and not ready[node, inverted] else 0


@njit
def _inverters(ready, lo, hi, a, b):
    """Counts inverters for adding two shared terms; returns the count and the cheaper polarity."""
    sign = a[2] ^ b[2]
    a_bits, b_bits = width(lo[a[0]], hi[a[0]]), width(lo[b[0]], hi[b[0]])
    straight = _missing(ready, a[0], 0, a_bits) + _missing(ready, b[0], sign, b_bits)
    turned = _missing(ready, a[0], 1, a_bits) + _missing(ready, b[0], 1 - sign, b_bits)
    return (turned, 1) if turned < straight else (straight, 0)


@njit
def _settle(ready, lo, hi, a, b):
    """Marks the polarities that adding two terms uses; returns the inverters and the polarity."""
    inverters, turned = _inverters(ready, lo, hi, a, b)
    ready[a[0], turned] = True
    ready[b[0], turned ^ a[2] ^ b[2]] = True
    return inverters, turned


@njit
def _ordered(terms, own, lo, hi, last):
    """Moves the last term to its place in ascending order of the top bit; returns the place."""
    def top(t):
        return t[1] + width(lo[t[0]], hi[t[0]])
    while last > 0 and top(terms[last]) < top(terms[last - 1]):
        for k in range(4):
            terms[last, k], terms[last - 1, k] = terms[last - 1, k], terms[last, k]
        own[last], own[last - 1] = own[last - 1], own[last]
        last -= 1
    return last


@njit
def _sum(nodes, lo, hi, depth, support, table, ready, flips, n, terms, count, slack, inverter,
         memo):
    """Adds terms up, lowest top bit first; their sum, the next node, and inverters it takes.

    Terms are (node, shift, sign, number). ``own`` is what a table would save of a term that only
    this sum uses, and -1 if others do. ``memo`` has what each two cost, by their numbers and the
    sum, which ``n`` tells.
    """
    own, inverters, stamp, numbers = np.full(len(terms), -1, np.int64), 0, n, count
    recent = -1     # a table that has room for more
    total, leaves = _crowd(depth, terms, count), 1.0
    while leaves < total:
        leaves *= 2
    leaves *= 2.0 ** slack
    for last in range(count):
        _ordered(terms, own, lo, hi, last)
    while count > 1:
        best, best_spread, p_best, q_best, seen = 1e18, 0, -1, -1, WINDOW
        while p_best < 0:
            near = min(count, seen)
            for step in range(1, near + (recent >= near)):
                p = step if step < near else recent
                a = (terms[p, 0], terms[p, 1], terms[p, 2])
                for q in range(min(p, near)):
                    b = (terms[q, 0], terms[q, 1], terms[q, 2])
                    deep = max(depth[a[0]], depth[b[0]])
                    shallow = min(depth[a[0]], depth[b[0]])
                    if total + 2.0 ** deep - 2.0 ** shallow > leaves:
                        continue
                    known = memo[max(terms[p, 3], terms[q, 3]), min(terms[p, 3], terms[q, 3])]
                    if known[0] != stamp:
                        known[0] = stamp
                        known[1], known[2] = _columns(lo, hi, a, b)
                    cost, spread = known[1], known[2]
                    bits = support[a[0]] + support[b[0]]
                    if bits <= table:
                        cost = tabled(cost, bits, table)
                    much = (1 + TOP) * cost + TOP * max(a[1], b[1])
                    if bits <= table:
                        much -= (1 + TOP) * (max(own[p], 0) + max(own[q], 0))
                        much -= p == recent or q == recent
                    if own[p] < 0 and own[q] < 0:
                        much += inverter * _inverters(ready, lo, hi, a, b)[0]
                    if much < best or (much == best and spread < best_spread):
                        best, best_spread, p_best, q_best = much, spread, p, q
            seen = count
        p, q = p_best, q_best
        a, b = (terms[p, 0], terms[p, 1], terms[p, 2]), (terms[q, 0], terms[q, 1], terms[q, 2])
        if own[p] < 0 and own[q] < 0:
            more, turned = _settle(ready, lo, hi, a, b)
            inverters += more
            flips[n] = turned if _lower(a, b) else turned ^ a[2] ^ b[2]
        total += 2.0 ** max(depth[a[0]], depth[b[0]]) - 2.0 ** min(depth[a[0]], depth[b[0]])
        bits = support[a[0]] + support[b[0]]
        made = tabled(_columns(lo, hi, a, b)[0], bits, table) if bits <= table else 0
        node, shift, sign = _extend(nodes, lo, hi, depth, support, table, n, a, b)
        if support[node] <= table:
            total += 2.0 ** depth[node] - 2.0 ** (max(depth[a[0]], depth[b[0]]) + 1)
        n += 1
        for gone in (p, q):
            for t in range(gone, count - 1):
                terms[t] = terms[t + 1]
                own[t] = own[t + 1]
            count -= 1
        terms[count, 0], terms[count, 1], terms[count, 2] = node, shift, sign
        terms[count, 3] = numbers
        numbers += 1
        own[count] = made
        recent = _ordered(terms, own, lo, hi, count)
        if support[node] >= table or table == 4:
            recent = -1
        count += 1
    return (terms[0, 0], terms[0, 1], terms[0, 2]), n, inverters


@njit
def build(digits, outputs, lo, hi, input_bits, zero, slack, inverter, table):
    """Builds the adders of all sums.

    Returns nodes (nodes, 4), intervals ``lo`` and ``hi``, depths and supports (nodes,), the
    outputs' roots (outputs, 3), a flag for each adder that adds complements, and an estimate of the
    inverters. Line k < ``outputs`` is an output; the lines after it are the items behind the
    inputs. A line without digits has the root -1.

    Parameters
    ----------
    digits : (digits, 4): line, item, shift, sign; sorted by line
    outputs : number of outputs
    lo, hi : the inputs' intervals (inputs,)
    input_bits : bits of each input, (inputs,)
    zero : index of the first item that is a constant
    slack : adders by which a sum may be deeper than a balanced tree
    inverter : weight of an inverter, in columns of an adder
    table : inputs of a LUT; sums of at most this many input bits become tables of one LUT a bit
    """
    inputs = len(lo)
    lines = digits[-1, 0] + 1 if len(digits) else 0
    lines = max(lines, outputs)
    most = inputs + len(digits) + outputs
    nodes = np.full((most, 4), NONE, np.int64)
    lo = np.append(lo, np.zeros(most - inputs, np.int64))
    hi = np.append(hi, np.zeros(most - inputs, np.int64))
    depth, support = np.zeros(most, np.int64), np.zeros(most, np.int64)
    support[:inputs] = input_bits
    root = np.full((inputs + lines, 3), NONE, np.int64)
    for i in range(inputs):
        root[i, 0], root[i, 1], root[i, 2] = i, 0, 0
    start = np.zeros(lines + 1, np.int64)
    for d in range(len(digits)):
        start[digits[d, 0] + 1] += 1
    longest = 2 * start.max()
    start = np.cumsum(start)
    memo = np.zeros((longest, longest, 3), np.int64)

    ready = np.zeros((most, 2), np.bool_)
    ready[:zero, 0] = True
    ready[zero:inputs] = True
    flips = np.full(most, NONE, np.int64)
    n, inverters, waiting = inputs, 0, True
    while waiting:
        waiting = False
        for line in range(lines - 1, -1, -1):
            at = inputs + line - outputs if line >= outputs else inputs + lines - outputs + line
            count = start[line + 1] - start[line]
            if root[at, 0] != NONE or count == 0:
                continue
            terms, known = np.zeros((count, 4), np.int64), True
            for t in range(count):
                d = digits[start[line] + t]
                r = root[d[1]]
                if r[0] == NONE:
                    known = False
                    break
                terms[t, 0], terms[t, 1], terms[t, 2] = r[0], r[1] + d[2], r[2] ^ d[3]
                terms[t, 3] = t
            if known:
                root[at], n, more = _sum(nodes, lo, hi, depth, support, table, ready, flips, n,
                                         terms, count, slack, inverter, memo)
                inverters += more
            else:
                waiting = True
    roots = root[inputs + lines - outputs:]
    for o in range(outputs):
        if roots[o, 2] == 1:
            roots[o] = _extend(nodes, lo, hi, depth, support, table, n, (zero, 0, 0),
                               (roots[o, 0], roots[o, 1], 1))
            n += 1
    for k in range(inputs, n):
        if flips[k] == NONE:
            low, high, _, sign = nodes[k]
            more, flips[k] = _settle(ready, lo, hi, (low, 0, 0), (high, 0, sign))
            inverters += more
    return nodes[:n], lo[:n], hi[:n], depth[:n], support[:n], roots[:, :2], flips[:n], inverters

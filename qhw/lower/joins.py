"""Joins of two integer branches: their scales are made equal first."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ..errors import ModelError
from ..exact.limbs import WIDEST
from ..exact.num import Int
from ..graph import Graph, Node
from ..layers import Add, Join, Quantize, Quantizer
from ..layers.real import Monotone
from ..ops import Gain, Sum
from .codes.meetings import MOST_INTEGERS
from .lines import MOST_BITS, Line, Work, as_integers, common

__all__: list[str] = []

Steps = tuple[tuple[Fraction, ...], list[np.ndarray]]
"""A step for each channel, and each branch's factors."""

WIDE = 1 << 10
"""A factor from which on smaller ones are looked for."""

NARROW = 30
"""Bits of a factor above which a quantizer takes both branches."""


@as_integers.register
def _(op: Add, work: Work, node: Node) -> None:
    lines = work.lines_of(node)
    found = _steps(work, node, lines)
    if found is None:
        work.add(node.name, op, *work.inputs(node))     # the quantizer behind takes both branches
        return
    steps, (a, b) = found
    offsets = tuple(sum(o, Fraction(0)) for o in zip(*(line.offsets for line in lines),
                                                     strict=True))
    made = work.add(node.name, Sum(a, b), *(line.source for line in lines))
    work.finish(node.name, Line(made, steps, offsets))


def _steps(work: Work, node: Node, lines: Sequence[Line]) -> Steps | None:
    """The common steps of two branches and their factors; None if the quantizer behind can do with
    smaller ones."""
    behind = _quantized(work.graph, node.name)
    try:
        steps, factors = _each(lines, node.name, NARROW if behind else MOST_BITS)
    except ModelError:
        if not behind:
            raise
        return None
    smaller = (max(np.abs(f).max() for f in factors) >= WIDE and _narrow(work, lines)
               and _quantized(work.graph, node.name, Quantize))
    return None if smaller else (steps, factors)


def _narrow(work: Work, lines: Sequence[Line]) -> bool:
    """Whether a branch has few enough integers to go through."""
    return min(x.hi - x.lo for x in (work.tensors[line.source].value for line in lines)
               ) < MOST_INTEGERS


def _far(work: Work, lines: Sequence[Line], factors: Sequence[np.ndarray]) -> bool:
    """Whether integers become too large for a quantizer's multiplier."""
    return any((work.tensors[line.source].value * Int.of(f)).size >= WIDEST
               for line, f in zip(lines, factors, strict=True))


def _quantized(graph: Graph, name: str, kind: type[Quantizer] = Quantizer) -> bool:
    """Whether all that reads a layer is a quantizer of a kind, monotone functions aside."""
    users = graph.users[name]
    return bool(users) and all(
        isinstance(n.op, kind) or isinstance(n.op, Monotone) and _quantized(graph, n.name, kind)
        for n in users)


def _each(lines: Sequence[Line], name: str, bits: int) -> Steps:
    """Computes the greatest common step of each channel's slopes, and the slopes in units of it."""
    steps: list[Fraction] = []
    rows: list[list[int]] = []
    for slopes in zip(*(line.slopes for line in lines), strict=True):
        scale, factors, _ = common([Line("", (s,), (Fraction(0),)) for s in slopes], name, bits)
        steps.append(scale)
        rows.append([int(f[0]) for f in factors])
    return tuple(steps), list(np.array(rows, np.int64).T)


@as_integers.register
def _(op: Join, work: Work, node: Node) -> None:
    """Brings channels with different scales to one scale before it concatenates them."""
    lines = work.lines_of(node)
    behind = _quantized(work.graph, node.name)
    try:
        scale, factors, offset = common(lines, node.name, NARROW if behind else MOST_BITS)
    except ModelError:
        if not behind:
            raise
        work.add(node.name, op, *work.inputs(node))     # the quantizer behind takes each branch
        return
    if behind and _far(work, lines, factors):
        work.add(node.name, op, *work.inputs(node))
        return
    ends = np.cumsum([len(f) for f in factors])[:-1]
    offsets = np.split(offset, ends)
    made = [work.beside(f"{node.name}_codes{k}", Gain(f, o, scale), line.source)
            for k, (f, o, line) in enumerate(zip(factors, offsets, lines, strict=True))]
    work.concat(node.name, made)

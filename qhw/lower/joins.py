"""Joins of two integer branches: their scales are made equal first."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ..graph import Node
from ..layers import Add, Join
from ..ops import Gain, Sum
from .lines import Line, Work, as_integers, common

__all__: list[str] = []


@as_integers.register
def _(op: Add, work: Work, node: Node) -> None:
    lines = work.lines_of(node)
    steps, (a, b) = _each(lines, node.name)
    offsets = tuple(sum(o, Fraction(0)) for o in zip(*(line.offsets for line in lines),
                                                     strict=True))
    made = work.add(node.name, Sum(a, b), *(line.source for line in lines))
    work.finish(node.name, Line(made, steps, offsets))


def _each(lines: Sequence[Line], name: str) -> tuple[tuple[Fraction, ...], list[np.ndarray]]:
    """Computes the greatest common step of each channel's slopes, and the slopes in units of it."""
    steps: list[Fraction] = []
    rows: list[list[int]] = []
    for slopes in zip(*(line.slopes for line in lines), strict=True):
        scale, factors, _ = common([Line("", (s,), (Fraction(0),)) for s in slopes], name)
        steps.append(scale)
        rows.append([int(f[0]) for f in factors])
    return tuple(steps), list(np.array(rows, np.int64).T)


@as_integers.register
def _(op: Join, work: Work, node: Node) -> None:
    """Brings channels with different scales to one scale before it concatenates them."""
    lines = work.lines_of(node)
    scale, factors, offset = common(lines, node.name)
    ends = np.cumsum([len(f) for f in factors])[:-1]
    offsets = np.split(offset, ends)
    made = [work.beside(f"{node.name}_codes{k}", Gain(f, o, scale), line.source)
            for k, (f, o, line) in enumerate(zip(factors, offsets, lines, strict=True))]
    work.concat(node.name, made)

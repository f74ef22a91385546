"""Integers move, are clipped where a layer behind needs integers, or are requantized as they are.
"""

from dataclasses import replace
from fractions import Fraction
from math import floor

import numpy as np

from ..errors import ModelError
from ..exact.num import Int, Rounding
from ..graph import Graph, Node, Tensor
from ..layers import Arrange, Clamp, Divide, Quantize, Quantizer, Recode, Relu, Reshape, Round
from ..layers.heads import Heads
from ..layers.real import Elementwise
from ..layers.softmax import Ending
from ..ops import Gain, Reorder, Requantize, Take
from .lines import Line, Work, as_integers, common

__all__: list[str] = []

MOST_WHOLE = 1 << 16
"""Most whole numbers that become codes."""


@as_integers.register
def _(op: Reshape | Reorder | Take, work: Work, node: Node) -> None:
    """Moves integers. If integers of several scales meet in a channel, they are rescaled first."""
    name, = work.inputs(node)
    line, = work.lines_of(node)
    x = work.tensors[line.source]
    pairs = list(zip(line.slopes, line.offsets, strict=True))
    first = np.array([pairs.index(pair) for pair in pairs])
    which = op.evaluate(np.broadcast_to(first, (1, *x.shape))).reshape(-1, op.infer(x).channels)
    if name == line.source or (which != which[0]).any():
        work.add(node.name, op, work.whole(node))
        return
    made = work.add(node.name, op, line.source)
    chosen: list[tuple[Fraction, Fraction]] = [pairs[k] for k in which[0]]
    slopes, offsets = zip(*chosen, strict=True)
    work.finish(node.name, Line(made, slopes, offsets))


@as_integers.register
def _(op: Requantize, work: Work, node: Node) -> None:
    """Whole sums and biases are multiplied as they are."""
    name, = work.inputs(node)
    line, = work.lines_of(node)
    if name != line.source:
        if any(a != 1 or b.denominator > 1
               for a, b in zip(line.slopes, line.offsets, strict=True)):
            raise ModelError(f"Layer {node.name!r}: it takes whole numbers, and those of "
                             f"{node.inputs[0]!r} have a scale or a fraction: give its weights and "
                             f"its input the scale 1")
        op = replace(op, offset=op.offset + op.multiplier * np.array(
            [int(b) for b in line.offsets]))
    work.add(node.name, op, line.source)


@as_integers.register
def _(op: Relu | Clamp, work: Work, node: Node) -> None:
    lo, hi = (Fraction(0), None) if isinstance(op, Relu) else (op.lo, op.hi)
    try:
        source = _needed(work.graph, node) and _stepped(
            work, node, [v for v in (lo, hi) if v is not None])
    except ModelError:      # without a common step it stays real, which another layer may refuse
        source = ""
    if not source:
        work.add(node.name, op, *work.inputs(node))
        return
    work.add(node.name, _clip(work.tensors[source], lo, hi), source)


@as_integers.register
def _(op: Round | Divide, work: Work, node: Node) -> None:
    """Adds a quantizer behind what a layer needs rounded: its inputs bound the whole numbers."""
    name, = work.inputs(node)
    line, = work.lines_of(node)
    x = work.tensors[line.source].value
    ends = [slope * v + offset for slope, offset in zip(line.slopes, line.offsets, strict=True)
            for v in (x.lo, x.hi)]
    divisor, rounding = ((1, op.rounding) if isinstance(op, Round)
                         else (op.divisor, Rounding.ZERO))
    codes = Int(*(_rounded(end / divisor, rounding) for end in (min(ends), max(ends))))
    if codes.hi - codes.lo >= MOST_WHOLE or not _needed(work.graph, node):
        work.add(node.name, op, name)
        return
    made = work.beside(f"{node.name}.real", op, name)
    work.add(node.name, Quantize(codes, Fraction(1), 0, Rounding.FLOOR), made)


def _rounded(x: Fraction, rounding: Rounding) -> int:
    """A number rounded, exactly."""
    above = floor(x) + 1
    edge, strict = rounding.reaches(above)
    return above if x > edge or (x == edge and not strict) else above - 1


def _needed(graph: Graph, node: Node) -> bool:
    """Whether a layer that needs integers reads it, through real functions of single elements."""
    return any(_needed(graph, user) if isinstance(user.op, Elementwise)
               else not isinstance(user.op, Quantizer | Arrange | Ending | Heads)
               for user in graph.users[node.name])


def _stepped(work: Work, node: Node, limits: list[Fraction]) -> str:
    """The integers of a layer's input, of one scale of which the limits are multiples."""
    name, = work.inputs(node)
    line, = work.lines_of(node)
    x = work.tensors[line.source]
    if name == line.source and all((v / x.scale + x.zero).denominator == 1
                                   for v in (Fraction(0), *limits)):
        return name
    slope, offset = line.slopes[0], line.offsets[0]
    alike = {*zip(line.slopes, line.offsets, strict=True)} == {(slope, offset)} and slope > 0
    if x.coded is None and alike and all(((v - offset) / slope).denominator == 1
                                         for v in (Fraction(0), *limits)):
        return work.beside(f"{node.name}_codes", Recode(slope, -offset / slope), line.source)
    ends = Line("", tuple(limits), (Fraction(0),) * len(limits))
    scale, (factors, _), offset = common([line, ends], node.name)
    return work.beside(f"{node.name}_codes", Gain(factors, offset[:len(factors)], scale),
                       line.source)


def _clip(x: Tensor, lo: Fraction | None, hi: Fraction | None) -> Requantize:
    """Clamps integers between two real numbers, which may be None."""
    ends = [int(v / x.scale + x.zero) if v is not None else end
            for v, end in ((lo, x.value.lo), (hi, x.value.hi))]
    least, most = (min(max(end, x.value.lo), x.value.hi) for end in ends)
    if lo is not None and ends[0] > x.value.hi:
        least = most = ends[0]
    elif hi is not None and ends[1] < x.value.lo:
        least = most = ends[1]
    channels = np.ones(x.channels, np.int64)
    return Requantize(channels, 0 * channels, 0, Int(least, most), scale=x.scale,
                      offset_zero=int(x.zero))

"""Lowers layers that move or requantize integers."""

from dataclasses import replace

import numpy as np

from ..errors import ModelError
from ..graph import Node
from ..layers import Reshape
from ..ops import Reorder, Requantize, Take
from .lines import Line, Work, as_integers

__all__: list[str] = []


@as_integers.register
def _(op: Reshape | Reorder | Take, work: Work, node: Node) -> None:
    """The integers move; where those that come together in a channel have several scales, they
    come to one before."""
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
    slopes, offsets = zip(*(pairs[k] for k in which[0]), strict=True)
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

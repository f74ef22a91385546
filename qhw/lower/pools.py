"""Pooling of integers: a maximum before a quantizer becomes a maximum of its codes, which are
narrower."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np

from ..exact.cut import Cut
from ..exact.window import Window
from ..graph import Graph, Node
from ..layers import Quantizer
from ..layers.pool import AveragePool, MaxPool
from ..layers.real import Monotone
from ..ops import Gain
from ..ops.pooling import Pooling
from .decode import decoder, ranked
from .lines import Line, Work, as_integers, common

__all__ = ["SELECTING", "pools"]

SELECTING = MaxPool
"""Layers whose results are elements of their input."""


def pools(graph: Graph) -> Graph:
    """Moves each quantizer behind a real maximum to the input of the maximum."""
    nodes: list[Node] = list(graph.nodes)
    for node in graph.nodes:
        if isinstance(node.op, Quantizer) and (way := _way_to_pool(graph, node)):
            pool, *between = way
            names = {n.name: graph.fresh(f"{n.name}_early") for n in (*between, node)}
            source = pool.inputs[0]
            moved: list[Node] = []
            for layer in (*between, node):
                moved.append(Node(names[layer.name], layer.op, (source,)))
                source = names[layer.name]
            flip = np.array([_falls(node.op, between, c)
                             for c in range(graph.tensors[pool.name].channels)])
            maximum: Any = pool.op
            place = next(k for k, n in enumerate(nodes) if n.name == node.name)
            nodes[place:place + 1] = [*moved, *_largest(
                graph, node, Pooling(maximum.window, "max", flip), source)]
            graph = graph.replaced(nodes)
            nodes = list(graph.nodes)
    return graph


def _way_to_pool(graph: Graph, node: Node) -> list[Node]:
    """Returns the real maximum before a quantizer and the layers between; empty if there is none.
    """
    way: list[Node] = []
    while True:
        node = graph.by_name[node.inputs[0]]
        if isinstance(node.op, MaxPool):
            return [node, *way]
        if not isinstance(node.op, Monotone):
            return []
        way.insert(0, node)


def _largest(graph: Graph, node: Node, pool: Pooling, source: str) -> list[Node]:
    """Adds the maximum of the codes of the quantizer ``node``, in their order."""
    if (x := graph.tensors[node.name]).coded is None:
        return [Node(node.name, pool, (source,))]
    ranks, back = ranked(x)
    first, second = (graph.fresh(f"{node.name}_{what}") for what in ("ranks", "largest"))
    return [Node(first, ranks, (source,)), Node(second, pool, (first,)),
            Node(node.name, back, (second,))]


def _falls(op: Quantizer, between: list[Node], channel: int) -> bool:
    cuts: Iterable[Cut] = op.cuts(channel)
    for layer in reversed(between):
        monotone: Any = layer.op
        cuts = [monotone.pull(cut, channel) for cut in cuts]
    return any(cut.falling for cut in cuts if cut.always is None)


@as_integers.register
def _(op: AveragePool, work: Work, node: Node) -> None:
    line, fill = _with_pads(work, node, op.window)
    source = line.source
    if work.tensors[source].coded is not None:
        source = work.beside(f"{node.name}_values", decoder(work.tensors[source]), source)
    made = work.add(node.name, Pooling(op.window, "sum", fill=fill), source)
    work.finish(node.name, Line(made, tuple(a / op.window.taps for a in line.slopes),
                                line.offsets))


def _with_pads(work: Work, node: Node, window: Window) -> tuple[Line, int]:
    """Returns the integers of a layer's input with a code for the real zero of the pads, and that
    code."""
    line, = work.lines_of(node)
    if not any(window.pads):
        return line, 0
    zeros = {-b / a for a, b in zip(line.slopes, line.offsets, strict=True) if a}
    constant = any(b for a, b in zip(line.slopes, line.offsets, strict=True) if not a)
    if len(zeros) == 1 and not constant and (zero := zeros.pop()).denominator == 1:
        return line, int(zero)
    scale, (factors,), offset = common([line], node.name)
    source = work.beside(f"{node.name}_codes", Gain(factors, offset, scale), line.source)
    return Line(source, (scale,) * len(factors), (Fraction(0),) * len(factors)), 0


@as_integers.register
def _(op: MaxPool, work: Work, node: Node) -> None:
    """Lowers a maximum to one of integers; to a minimum where the scale is negative."""
    name, = work.inputs(node)
    line, = work.lines_of(node)
    x, flip = work.tensors[line.source], np.array([a < 0 for a in line.slopes])
    pool = Pooling(op.window, "max", flip)
    if x.coded is None:
        made = work.add(node.name, pool, line.source)
    else:
        ranks, back = ranked(x)
        made = work.beside(f"{node.name}_ranks", ranks, line.source)
        made = work.add(node.name, back, work.beside(f"{node.name}_largest", pool, made))
    if name != line.source:
        work.finish(node.name, Line(made, line.slopes, line.offsets))

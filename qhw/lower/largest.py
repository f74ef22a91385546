"""Turns an argmax of real scores into an argmax of integers that have the same order."""

from dataclasses import replace
from fractions import Fraction
from math import floor

import numpy as np

from ..errors import ModelError
from ..graph import Graph, Node, Tensor
from ..layers import ArgMax
from ..layers.real import Straight
from ..ops import Combine, Gain, Largest, MatVec
from .chain import chain_before

__all__ = ["largest"]


def largest(graph: Graph) -> Graph:
    """Merges each argmax with the scale before it, and moves the bias into the product.

    With one positive scale, score = scale * (sum + bias / scale). The bias's integer part starts
    the accumulator; its fraction only decides between equal sums, so a rank of the classes replaces
    it."""
    changed: dict[str, tuple[Node, ...]] = {}
    for node in graph.nodes:
        if isinstance(node.op, ArgMax):
            changed |= _largest(graph, node)
    return graph.replaced(n for node in graph.nodes for n in changed.get(node.name, (node,)))


def _largest(graph: Graph, node: Node) -> dict[str, tuple[Node, ...]]:
    source, way = chain_before(graph, node)
    size = graph.tensors[source].channels
    alike = Node(node.name, Largest(_rank(node, [Fraction(0)] * size)), (source,))
    if not way:
        return {node.name: (alike,)}
    product, x = graph.by_name[source], graph.tensors[source]
    lines = [line for c in range(size) if (line := _line(way, c, x))]
    if len(lines) < size or len({slope for slope, _ in lines}) > 1:
        raise ModelError(f"Layer {node.name!r}: argmax needs scores with one scale; leave out "
                         f"batch norm and use one scale for all weights of {way[0].name!r}")
    slope = lines[0][0]
    if slope <= 0:
        raise ModelError(f"Layer {node.name!r}: argmax needs a positive scale, "
                         f"and {way[0].name!r} has {float(slope):g}")
    biases = [b / slope for _, b in lines]
    if len(set(biases)) == 1:
        return {node.name: (alike,)}
    whole = np.array([floor(b) for b in biases])
    op, rank = product.op, Largest(_rank(node, [b - floor(b) for b in biases]))
    if isinstance(op, MatVec | Combine) and all(
            len(graph.users[n.name]) == 1 for n in (product, *way)):
        started = replace(op, start=op.start + whole)
        return {source: (Node(source, started, product.inputs),),
                node.name: (Node(node.name, rank, (source,)),)}
    scores = graph.fresh(f"{node.name}_scores")     # another layer reads the sums without biases
    return {node.name: (Node(scores, Gain(np.ones(size, np.int64), whole), (source,)),
                        Node(node.name, rank, (scores,)))}


def _line(way: list[Node], channel: int, x: Tensor) -> tuple[Fraction, Fraction] | None:
    """Slope and offset of a class, if that is all that the layers are."""
    line = x.line
    for node in way:
        if not isinstance(node.op, Straight):
            return None
        line = node.op.after(line, channel)
    return line


def _rank(node: Node, fractions: list[Fraction]) -> np.ndarray:
    """Which class wins among equal integers: that of the larger fraction, then the first or last,
    the higher rank being the winner's."""
    op = node.op
    assert isinstance(op, ArgMax)
    keys = [(f, k if op.last else 0) for k, f in enumerate(fractions)]
    order = {key: k for k, key in enumerate(sorted(set(keys)))}
    return np.array([order[key] for key in keys], np.int64)

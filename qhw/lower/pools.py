"""A maximum before a quantizer is the same maximum of codes behind it, where they are narrow."""

import numpy as np

from ..graph import Graph, Node
from ..layers import MaxPool, Quantizer
from ..layers.real import Monotone
from ..ops import Pooling
from .decode import ranked

__all__ = ["pools"]


def pools(graph: Graph) -> Graph:
    """Each quantizer behind a real maximum goes before it.

    The layers between and the quantizer rise or fall with their input; where they fall in a
    channel, the code of the largest value is the least code.
    """
    nodes = list(graph.nodes)
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
            window = pool.op.window     # type: ignore[attr-defined]
            place = next(k for k, n in enumerate(nodes) if n.name == node.name)
            nodes[place:place + 1] = [*moved, *_largest(
                graph, node, Pooling(window, "max", flip), source)]
            graph = graph.replaced(nodes)
            nodes = list(graph.nodes)
    return graph


def _way_to_pool(graph: Graph, node: Node) -> list[Node]:
    """The real maximum before a quantizer and the layers between, or nothing."""
    way: list[Node] = []
    while True:
        node = graph.by_name[node.inputs[0]]
        if isinstance(node.op, MaxPool):
            return [node, *way]
        if not isinstance(node.op, Monotone):
            return []
        way.insert(0, node)


def _largest(graph: Graph, node: Node, pool: Pooling, source: str) -> list[Node]:
    """The maximum of the codes that the quantizer ``node`` makes, by their order."""
    if (x := graph.tensors[node.name]).coded is None:
        return [Node(node.name, pool, (source,))]
    ranks, back = ranked(x)
    first, second = (graph.fresh(f"{node.name}_{what}") for what in ("ranks", "largest"))
    return [Node(first, ranks, (source,)), Node(second, pool, (first,)),
            Node(node.name, back, (second,))]


def _falls(op: Quantizer, between: list[Node], channel: int) -> bool:
    cuts = op.cuts(channel)
    for layer in reversed(between):
        cuts = [layer.op.pull(cut, channel) for cut in cuts]    # type: ignore[attr-defined]
    return any(cut.falling for cut in cuts if cut.always is None)

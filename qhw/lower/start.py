"""Starts accumulators at minus a threshold, so that one comparator becomes a sign bit."""

from dataclasses import replace

from ..graph import Graph, Node
from ..ops import Combine, MatVec, Threshold

__all__ = ["start"]


def start(graph: Graph) -> Graph:
    """Starts each sum whose only reader is a threshold layer at minus its middle threshold."""
    changed: dict[str, Node] = {}
    for node in graph.nodes:
        source = graph.by_name[node.inputs[0]] if node.inputs else node
        if (isinstance(node.op, Threshold) and isinstance(source.op, MatVec | Combine)
                and len(graph.users[source.name]) == 1):
            middle = node.op.thresholds[:, (1 << node.op.bits - 1) - 1]
            changed[source.name] = replace(source, op=replace(
                source.op, start=source.op.start - middle))
            changed[node.name] = replace(node, op=replace(
                node.op, thresholds=node.op.thresholds - middle[:, None]))
    return graph.replaced(changed.get(node.name, node) for node in graph.nodes)

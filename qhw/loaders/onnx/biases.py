"""Biases of float layers, which files add in a node of their own."""

from dataclasses import replace

import numpy as np

from ...graph import Graph, Node
from ...layers import Affine, FloatConv, Linear

__all__ = ["biases"]


def biases(graph: Graph) -> Graph:
    """Moves offsets that only a float layer's outputs get into the bias of this layer."""
    nodes: list[Node] = []
    moved: dict[str, str] = {}
    for node in graph.nodes:
        inputs = tuple(moved.get(name, name) for name in node.inputs)
        match node.op, graph.by_name[inputs[0]].op if inputs else None:
            case Affine() as op, FloatConv() | Linear() if (
                    set(op.slope) == {1} and len(graph.users[node.inputs[0]]) == 1):
                k = next(k for k, n in enumerate(nodes) if n.name == inputs[0])
                layer = nodes[k].op
                assert isinstance(layer, FloatConv | Linear)
                bias = layer.added + np.array(op.offset, np.float64)
                nodes[k] = replace(nodes[k], op=replace(layer, bias=bias))
                moved[node.name] = inputs[0]
            case _:
                nodes.append(replace(node, inputs=inputs))
    return graph.replaced(nodes)

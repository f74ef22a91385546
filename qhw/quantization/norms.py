"""Batch norms folded into the float weights before them.

Jacob et al., 2018 (arXiv 1712.05877), section 3.2: weights are multiplied by gamma / sigma."""

from dataclasses import replace

import numpy as np

from ..graph import Graph, Node, Op
from ..layers import BatchNorm, FloatConv, Floating, Linear
from ..layers.real import Straight

__all__ = ["folded", "scaled"]


def folded(graph: Graph) -> Graph:
    """Folds each batch norm, scale and offset behind a float layer that nothing else reads into
    this layer; the real outputs stay the same."""
    for node in graph.nodes:
        if not isinstance(node.op, BatchNorm | Straight):
            continue
        before = graph.by_name[node.inputs[0]]
        if isinstance(before.op, Floating) and len(graph.users[before.name]) == 1:
            slope, offset = _line(node.op, len(before.op.weight))
            op = scaled(before.op, slope)
            op = replace(op, bias=op.added + offset)
            return folded(_merged(graph, before, node, op))
    return graph


def scaled(op: Floating, factors: np.ndarray) -> FloatConv | Linear:
    """Multiplies a layer's outputs by ``factors`` (outputs,): its weights and its bias."""
    assert isinstance(op, FloatConv | Linear)
    bias = None if op.bias is None else op.bias * factors
    return replace(op, weight=op.weight * factors[:, None], bias=bias)


def _line(op: Op, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and offsets of a layer's channels, (channels,)."""
    if isinstance(op, BatchNorm):
        slope = op.gamma / np.sqrt(op.variance.astype(np.float64) + op.epsilon)
        return slope, op.beta - op.mean * slope
    assert isinstance(op, Straight)
    slopes, offsets = np.array([[*map(float, op.line(c))] for c in range(channels)]).T
    return slopes, offsets


def _merged(graph: Graph, before: Node, norm: Node, op: Op) -> Graph:
    """The graph with ``op`` in place of a layer and the norm behind it; it has the layer's name."""
    nodes: list[Node] = []
    for node in graph.nodes:
        if node is norm:
            nodes.append(Node(before.name, op, before.inputs))
        elif node is not before:
            nodes.append(replace(node, inputs=tuple(
                before.name if i == norm.name else i for i in node.inputs)))
    return graph.replaced(nodes).check()

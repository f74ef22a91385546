"""Leaves a softmax and all layers behind it to the host, quantizers included."""

from fractions import Fraction

import numpy as np

from ..errors import ModelError
from ..graph import Graph, Node, Op
from ..layers import (
    Affine,
    ArgMax,
    Arrange,
    Codes,
    Conv,
    Dense,
    Quantizer,
    Recode,
    Reshape,
    Softmax,
)
from ..layers.heads import Heads
from ..layers.real import Elementwise
from ..layers.softmax import Ending
from ..ops import Reorder, Take

__all__ = ["ending"]


def ending(graph: Graph) -> Graph:
    """Turns quantizers behind a softmax into real layers, and removes a softmax before an
    argmax."""
    nodes: list[Node] = []
    behind: set[str] = set()
    now: dict[str, str] = {}
    for node in graph.nodes:
        inputs = tuple(now.get(i, i) for i in node.inputs)
        if isinstance(node.op, Ending):
            behind.add(node.name)
        elif isinstance(node.op, ArgMax):
            inputs = _ordered(graph, inputs)
        if behind.isdisjoint(inputs):
            nodes.append(Node(node.name, node.op, inputs))
            continue
        behind.add(node.name)
        made = _on_host(graph, node)
        nodes.append(Node(node.name, made[0], inputs))
        for op in made[1:]:
            now[node.name] = graph.fresh(f"{node.name}.real")
            behind.add(now[node.name])
            nodes.append(Node(now[node.name], op, (node.name,)))
    return graph.replaced(nodes)


def _ordered(graph: Graph, inputs: tuple[str, ...]) -> tuple[str, ...]:
    """Finds the layer before a softmax: softmax keeps the order of its elements."""
    name, = inputs
    while name in graph.by_name and isinstance(graph.by_name[name].op, Softmax):
        name, = graph.by_name[name].inputs
    return (name,)


def _on_host(graph: Graph, node: Node) -> list[Op]:
    """The real layers that a layer behind a softmax becomes."""
    made = graph.tensors[node.name]
    match node.op:
        case Ending() | Elementwise() | Arrange() | Heads() | Dense() | Conv():
            return [node.op]
        case Reshape() | Reorder() | Take() as op:
            x = graph.tensors[node.inputs[0]]
            return [Arrange(op.evaluate(np.arange(x.size).reshape(1, *x.shape))[0])]
        case Quantizer() as op:
            x = made
            return [Codes(op), _line(x.channels, *x.line)]
        case Recode(scale=scale, zero=zero):
            x = graph.tensors[node.inputs[0]]
            return [_line(x.channels, scale / x.scale, scale * (x.zero - zero))]
        case op:
            raise ModelError(f"Layer {node.name!r}: {op.kind} needs the result of a softmax in "
                             f"hardware, and the host computes softmax: end the network there")


def _line(channels: int, slope: Fraction, offset: Fraction) -> Affine:
    return Affine((slope,) * channels, (offset,) * channels)

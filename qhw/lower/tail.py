"""Collects the layers that hardware does not compute behind the last integer layer, for the
host."""

from dataclasses import replace

import numpy as np

from ..errors import ModelError
from ..graph import Graph, Node
from ..layers import Affine, Arrange, Input
from ..layers.real import Elementwise
from ..ops import HardwareOp, Requantize

__all__ = ["tail"]


def tail(graph: Graph) -> Graph:
    """Checks that real layers stand only at the end, and makes the output real; ModelError
    otherwise."""
    for node in graph.nodes:
        for source in node.inputs:
            if node.op.integer and not graph.by_name[source].op.integer:
                raise ModelError(f"Layer {source!r} is real-valued, and {node.op.kind} layer "
                                 f"{node.name!r} needs integers: put a quantize or sign layer "
                                 f"between them")
    if not any(isinstance(n.op, HardwareOp) for n in graph.nodes):
        graph = _passed(graph)
    for node in graph.host:
        if len(node.inputs) > 1:
            raise ModelError(f"Layer {node.name!r}: {' and '.join(map(repr, node.inputs))} are "
                             f"real-valued, and a network has one stream of integers to the host: "
                             f"put a quantize or sign layer before its {node.op.kind}")
    return _merged(_scaled(graph))


def _passed(graph: Graph) -> Graph:
    """Makes hardware that passes the input's codes on, where only the host has work; ModelError if
    there are no plain codes."""
    last = graph.hardware.output
    x = graph.tensors[last.name]
    if x.codes is None or x.coded is not None or x.zero.denominator > 1 or not graph.host:
        real = (n for n in graph.nodes if not isinstance(n.op, Input | Elementwise | Arrange))
        layer = next(real, graph.nodes[-1])
        raise ModelError(f"Model {graph.name!r}: no layer of it can become hardware; "
                         f"{layer.op.kind} layer {layer.name!r} reads real values or makes no "
                         f"sums; put a quantize layer before or behind it")
    name, ones = graph.fresh(f"{last.name}_codes"), np.ones(x.channels, np.int64)
    same = Requantize(ones, 0 * ones, 0, x.codes, scale=x.scale, offset_zero=int(x.zero))
    nodes: list[Node] = []
    for node in graph.nodes:
        nodes.append(node if node.op.integer else replace(node, inputs=tuple(
            name if i == last.name else i for i in node.inputs)))
        if node.name == last.name:
            nodes.append(Node(name, same, (last.name,)))
    return graph.replaced(nodes)


def _scaled(graph: Graph) -> Graph:
    """Makes the host's layers read the real values of the last codes."""
    last = graph.hardware.output
    made = graph.tensors[last.name]
    if made.codes is None or (made.scale, made.zero) == (1, 0):
        return graph
    nodes: list[Node] = []
    name = graph.fresh(f"{last.name}.real")
    slopes, offsets = ((v,) * made.channels for v in made.line)
    for node in graph.nodes:
        op = node.op
        nodes.append(node if op.integer else Node(node.name, op, tuple(
            name if i == last.name else i for i in node.inputs)))
        if node.name == last.name:
            nodes.append(Node(name, Affine(slopes, offsets), (last.name,)))
    return graph.replaced(nodes)


def _merged(graph: Graph) -> Graph:
    """Affine layers of the host that follow each other are one: fractions, not floats, multiply."""
    changed: dict[str, Node] = {}
    for node in graph.host:
        source, = (changed.get(i, graph.by_name[i]) for i in node.inputs)
        if (isinstance(node.op, Affine) and isinstance(source.op, Affine)
                and len(graph.users[source.name]) == 1):
            lines = [node.op.after(source.op.line(c), c) for c in range(len(source.op.slope))]
            slopes, offsets = zip(*lines, strict=True)
            changed[node.name] = Node(node.name, Affine(slopes, offsets), source.inputs)
    return graph.replaced(changed.get(n.name, n) for n in graph.nodes)

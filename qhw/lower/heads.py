"""Several outputs: their integers follow each other in one stream, which the host splits."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ..errors import ModelError
from ..graph import Graph, Node, Op, Tensor
from ..layers import Affine, Recode, Reshape
from ..layers.heads import Branch, Branches, Heads
from ..ops import Concat
from .decode import decoder

__all__ = ["heads"]


def heads(graph: Graph) -> Graph:
    """Joins the integers of several outputs, and leaves their scales and real layers to the host.
    """
    place = next((k for k, n in enumerate(graph.nodes) if isinstance(n.op, Heads)), None)
    if place is None:
        return graph
    node, behind = graph.nodes[place], graph.nodes[place + 1:]
    ways = {name: _way(graph, name) for name in dict.fromkeys(node.inputs)}
    sources = list(dict.fromkeys(source for source, _ in ways.values()))
    firsts = dict(zip(sources, np.cumsum([0, *(graph.tensors[s].size for s in sources)]).tolist(),
                      strict=False))
    nodes = [n for n in graph.nodes[:place] if n.op.integer]
    stream = _stream(graph, node.name, sources, nodes)
    branches = [Branch(name, firsts[source], x.shape, _scaled(x, steps)) for name in node.inputs
                for source, steps in [ways[name]] for x in [graph.tensors[source]]]
    return graph.replaced([*nodes, Node(node.name, Branches(branches), (stream,)), *behind])


def _scaled(x: Tensor, steps: list[Op]) -> list[Op]:
    """Real layers behind integers, whose scale is in the first of them."""
    if x.line == (1, 0):
        return steps
    if steps and isinstance(steps[0], Affine):
        lines = [steps[0].after(x.line, c) for c in range(x.channels)]
        slopes, offsets = zip(*lines, strict=True)
        return [Affine(slopes, offsets), *steps[1:]]
    return [Affine(*((v,) * x.channels for v in x.line)), *steps]


def _way(graph: Graph, name: str) -> tuple[str, list[Op]]:
    """The integer layer that an output is computed from, and the real layers on the way."""
    steps: list[Op] = []
    while not (node := graph.by_name[name]).op.integer:
        if len(node.inputs) != 1:
            raise ModelError(f"Layer {node.name!r}: {' and '.join(map(repr, node.inputs))} are "
                             f"real-valued: put a quantize or sign layer before its "
                             f"{node.op.kind}")
        steps.insert(0, node.op)
        name, = node.inputs
    return name, steps


def _stream(graph: Graph, name: str, sources: Sequence[str], nodes: list[Node]) -> str:
    """Adds the concatenation of layers as vectors of integers without a scale to ``nodes``."""
    vectors: list[str] = []
    for k, source in enumerate(sources):
        x: Tensor = graph.tensors[source]
        made = source
        for part, op in (("values", decoder(x) if x.coded else None),
                         ("codes", Recode(Fraction(1), Fraction(0))
                          if (x.scale, x.zero) != (1, 0) else None),
                         ("vector", Reshape((x.size,)) if len(x.shape) > 1 else None)):
            if op is not None:
                nodes.append(Node(graph.fresh(f"{name}_{part}{k}"), op, (made,)))
                made = nodes[-1].name
        vectors.append(made)
    if len(vectors) == 1:
        return vectors[0]
    nodes.append(Node(graph.fresh(f"{name}_stream"), Concat(), tuple(vectors)))
    return nodes[-1].name

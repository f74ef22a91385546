"""Weighted sums become integer products; their scales and biases move behind them."""

from fractions import Fraction

import numpy as np

from ..ir import Graph, Node, Tensor
from ..ops import Affine, Dense, MatVec

__all__ = ["products"]


def products(graph: Graph) -> Graph:
    """Each dense layer on codes becomes an integer product and an affine layer.

    With x = s (code - z) and w = t * integer, sum w x + b = s t (sum integer * code)
    + (b - s t z sum integer), all of it rational.
    """
    nodes: list[Node] = []
    real: dict[str, str] = {}
    for node in graph.nodes:
        x = graph.tensors[node.inputs[0]] if node.inputs else None
        node = Node(node.name, node.op, tuple(real.get(i, i) for i in node.inputs))
        if isinstance(node.op, Dense) and x is not None and x.codes is not None:
            real[node.name] = f"{node.name}.real"
            nodes += _product(node, node.op, x)
        else:
            nodes.append(node)
    return graph.replaced(nodes)


def _product(node: Node, dense: Dense, x: Tensor) -> list[Node]:
    outputs = len(dense.codes)
    scales = np.broadcast_to(dense.scale, (outputs,))
    biases = np.zeros(outputs) if dense.bias is None else dense.bias
    matvec = MatVec(dense.scheme, dense.codes, np.zeros(outputs, np.int64), fold=dense.fold)
    slopes = tuple(Fraction(float(t)) * x.scale for t in scales)
    offsets = tuple(Fraction(float(b)) - s * x.zero * int(w) for b, s, w in
                    zip(biases, slopes, matvec.weights.sum(axis=1), strict=True))
    return [Node(node.name, matvec, node.inputs),
            Node(f"{node.name}.real", Affine(slopes, offsets), (node.name,))]

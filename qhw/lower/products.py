"""Weighted sums become integer products; their scales and biases move behind them."""

from fractions import Fraction

import numpy as np

from ..errors import ModelError
from ..hw.matvec import Storage
from ..ir import Graph, Node, Tensor
from ..ops import Affine, Combine, Dense, Gain, Linear, MatVec
from ..ops.dynamic import BlockFloat, DynamicMatVec, Residual, RunTime
from ..schemes import Stage

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
        coding = graph.by_name[node.inputs[0]] if node.inputs else node
        node = Node(node.name, node.op, tuple(real.get(i, i) for i in node.inputs))
        if isinstance(node.op, Linear):
            raise ModelError(f"Layer {node.name!r}: its weights are floats; give them a scheme "
                             f"with qhw quantize")
        if isinstance(node.op, Dense) and isinstance(coding.op, RunTime):
            real[node.name] = f"{node.name}.real"
            nodes += _dynamic(node, node.op, coding, graph.tensors[coding.inputs[0]])
        elif isinstance(node.op, Dense) and x is not None and x.codes is not None:
            real[node.name] = f"{node.name}.real"
            nodes += _product(node, node.op, x)
        else:
            nodes.append(node)
    return graph.replaced(nodes)


def _product(node: Node, dense: Dense, x: Tensor) -> list[Node]:
    outputs, integers = len(dense.integers), dense.integers
    scales = np.broadcast_to(dense.weights.scale, (outputs,))
    biases = np.zeros(outputs) if dense.bias is None else dense.bias
    slopes = tuple(Fraction(float(t)) * x.scale for t in scales)
    offsets = tuple(Fraction(float(b)) - s * x.zero * int(w) for b, s, w in
                    zip(biases, slopes, integers.sum(axis=1), strict=True))
    nodes = _sums(node, dense)
    return [*nodes, Node(f"{node.name}.real", Affine(slopes, offsets), (nodes[-1].name,))]


def _sums(node: Node, dense: Dense) -> list[Node]:
    """The integer products of the scheme's stages, and the layers that finish their sums."""
    stages = dense.scheme.stages(dense.weights.codes, dense.weights.table)
    nodes: list[Node] = []
    source = node.inputs
    for k, stage in enumerate(stages):
        last = k == len(stages) - 1
        name = node.name if last else f"{node.name}_stage{k + 1}"
        nodes += _stage(name, stage, source, dense.fold if last else None, dense.storage)
        source = (nodes[-1].name,)
    return nodes


def _stage(name: str, stage: Stage, source: tuple[str, ...], fold: tuple[int, int] | None,
           storage: Storage) -> list[Node]:
    """A product; several parts of its sums are combined, and gains multiplied, exactly."""
    scheme, codes, table, gains = stage
    nothing = np.zeros(len(codes), np.int64)
    matvec = MatVec(scheme, codes, nothing, table, fold=fold, storage=storage)
    nodes = [Node(name, matvec, source)]
    if matvec.parts > 1:
        factors = scheme.factors(len(codes), table)
        nodes.append(Node(f"{name}_sum", Combine(factors, nothing), (name,)))
    if gains is not None:
        nodes.append(Node(f"{name}_gain", Gain(gains), (nodes[-1].name,)))
    return nodes


def _dynamic(node: Node, dense: Dense, coding: Node, x: Tensor) -> list[Node]:
    """A product whose inputs are coded at run time, and what its integers are worth."""
    op, outputs = coding.op, len(dense.integers)
    if x.codes is None or x.zero.denominator > 1 or x.coded:
        raise ModelError(f"Layer {coding.name!r}: it needs whole numbers before it: put a quantize "
                         f"layer there")
    assert isinstance(op, Residual | BlockFloat)
    nothing = np.zeros(outputs, np.int64)
    product = MatVec(dense.scheme, dense.weights.codes, nothing, dense.weights.table,
                     fold=dense.fold)
    unit = x.scale / (x.size ** op.planes if isinstance(op, Residual) else 1)
    slopes = tuple(Fraction(float(t)) * unit
                   for t in np.broadcast_to(dense.weights.scale, (outputs,)))
    offsets = tuple(map(Fraction, nothing.tolist() if dense.bias is None else dense.bias.tolist()))
    return [Node(node.name, DynamicMatVec(op, product, int(x.zero)), coding.inputs),
            Node(f"{node.name}.real", Affine(slopes, offsets), (node.name,))]

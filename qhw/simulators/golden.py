"""The golden: a network computed exactly on integers, in numpy; the hardware must equal it."""

from collections.abc import Mapping

import numpy as np

from ..errors import ModelError
from ..graph import Graph, Node, Op, Tensor
from ..layers import Input

__all__ = ["evaluate", "golden", "host", "seen"]


def evaluate(graph: Graph, x: np.ndarray) -> dict[str, np.ndarray]:
    """Computes every layer's output on the samples ``x`` (N, *shape), by layer name: codes, or real
    values for real layers.

    For a graph before lowering, these are its real values in float64. ModelError if an integer
    leaves its interval."""
    values: dict[str, np.ndarray] = {}
    for node in graph.nodes:
        inputs = [x] if isinstance(node.op, Input) else [
            seen(node.op, values[i], graph.tensors[i]) for i in node.inputs]
        made = graph.tensors[node.name]
        value = _evaluated(node, *inputs)
        if made.codes is not None:
            try:
                made.codes.check(value)
            except ValueError as e:
                raise ModelError(f"Layer {node.name!r}: {e}") from None
        values[node.name] = value
    return values


def seen(op: Op, value: np.ndarray, tensor: Tensor) -> np.ndarray:
    """Decodes codes (N, *shape) to the values that an operation reads.

    Parameters
    ----------
    op : the operation
    value : codes (N, *shape)
    tensor : their format
    """
    if tensor.codes is None or op.raw:
        return value
    return tensor.integers(value) if op.integer else tensor.real(value)


def golden(graph: Graph, x: np.ndarray) -> Mapping[str, np.ndarray]:
    """Computes every integer layer's output of a lowered graph on samples ``x`` (N, *shape), by
    layer name."""
    return evaluate(graph.hardware, x)


def host(graph: Graph, codes: np.ndarray) -> np.ndarray:
    """Computes the network's real output (N, *shape) from the hardware's output codes: the tail of
    a lowered graph."""
    value = graph.answer.integers(codes)
    for node in graph.host:
        value = _evaluated(node, value)
    return value.astype(np.float64)


def _evaluated(node: Node, *xs: np.ndarray) -> np.ndarray:
    try:
        return node.op.evaluate(*xs)
    except OverflowError:       # a rational beyond float64
        raise ModelError(f"Layer {node.name!r}: its scales exceed floating point") from None

"""Cross-layer equalization: channels between two layers get ranges of one size.

Nagel et al., "Data-Free Quantization through Weight Equalization and Bias Correction", 2019 (arXiv
1906.04721), section 4.1. A factor that a layer's output is divided by, and the next layer's weights
are multiplied by, passes through a relu and changes nothing in real numbers."""

from dataclasses import dataclass, replace

import numpy as np

from ..graph import Graph, Node
from ..layers import FloatConv, Floating, Linear
from .norms import scaled

__all__ = ["equalized"]

ROUNDS = 30
"""Most passes over all pairs."""
CLOSE = 1e-3
"""Passes end where no factor is farther from 1."""


@dataclass(frozen=True, eq=False)
class Pair:
    """A float layer, the next one, and which output of the first each weight of the second
    multiplies, (outputs, inputs) of the second."""

    first: str
    second: str
    channels: np.ndarray


def equalized(graph: Graph) -> Graph:
    """Equalizes the ranges of the channels between float layers; the real outputs stay the same.

    Batch norms between them must be folded before."""
    ops: dict[str, Floating] = {n.name: n.op for n in graph.nodes if isinstance(n.op, Floating)}
    pairs = [pair for name in ops if (pair := _pair(graph, name))]
    for _ in range(ROUNDS):
        farthest = 0.0
        for pair in pairs:
            factors = _factors(ops[pair.first].weight, ops[pair.second].weight, pair.channels)
            ops[pair.first] = scaled(ops[pair.first], 1 / factors)
            ops[pair.second] = _fed(ops[pair.second], factors[pair.channels])
            farthest = max(farthest, float(np.abs(factors - 1).max()))
        if farthest < CLOSE:
            break
    return graph.replaced(replace(n, op=ops.get(n.name, n.op)) for n in graph.nodes)


def _factors(first: np.ndarray, second: np.ndarray, channels: np.ndarray) -> np.ndarray:
    """Factors (channels,) that make the largest weight of a channel in both layers their geometric
    mean; 1 for channels without weights."""
    one, two = np.abs(first).max(axis=1), np.zeros(len(first))
    np.maximum.at(two, channels.ravel(), np.abs(second).ravel())
    used = (one > 0) & (two > 0)
    return np.sqrt(np.where(used, one, 1) / np.where(used, two, 1))


def _fed(op: Floating, factors: np.ndarray) -> FloatConv | Linear:
    """The layer with its weights multiplied by factors (outputs, inputs)."""
    assert isinstance(op, FloatConv | Linear)
    return replace(op, weight=op.weight * factors)


def _pair(graph: Graph, name: str) -> Pair | None:
    """The pair of a float layer with the next one; None if another layer reads it too, or if what
    is between is no relu, pooling or move."""
    tensor = graph.tensors[name]
    channels = np.broadcast_to(np.arange(tensor.channels), (1, *tensor.shape))
    node = graph.by_name[name]
    while len(graph.users[node.name]) == 1:
        node, = graph.users[node.name]
        if isinstance(node.op, Floating):
            found = _read(node, node.op, channels)
            return None if found is None else Pair(name, node.name, found)
        if node.op.moves:
            channels = node.op.evaluate(channels)
        elif node.op.homogeneous:
            if (channels != _last(channels)).any():
                return None
            channels = np.broadcast_to(_last(channels), (1, *graph.tensors[node.name].shape))
        else:
            return None
    return None


def _last(channels: np.ndarray) -> np.ndarray:
    """The channels of the first row and column, one for each of the last dimension."""
    return channels.reshape(-1, channels.shape[-1])[0]


def _read(node: Node, op: Floating, channels: np.ndarray) -> np.ndarray | None:
    """Which channel each weight of a layer reads; None if it reads several."""
    if (channels != _last(channels)).any():
        return None
    seen = _last(channels)
    if not isinstance(op, FloatConv):
        return np.broadcast_to(seen, op.weight.shape)
    outputs, inputs = op.weight.shape
    each = seen.reshape(op.groups, -1)      # channels of each group
    rows = np.repeat(each, outputs // op.groups, axis=0)
    return np.tile(rows, (1, inputs // rows.shape[1]))

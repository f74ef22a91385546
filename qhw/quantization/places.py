"""Places of a real network whose tensors must become codes before hardware can be made of it.

Products, sums of branches and averages need integers; so a quantizer stands behind whatever
computes the reals that they read. Layers that only move elements, maxima and joins pass codes on;
branches that are joined share a quantizer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ..graph import Graph, Node
from ..layers import (
    Add,
    BatchNorm,
    Clamp,
    Floating,
    Input,
    Join,
    Quantize,
    Quantizer,
    Relu,
    RunTime,
)
from ..layers.product import Product
from ..layers.real import Straight
from ..layers.weighted import Weighted
from ..ops.history import remembered
from ..simulators.golden import evaluate
from .calibration import Histogram

__all__ = ["Kind", "Place", "at_once", "batches", "before_relu", "calibrated", "ends", "inserted",
            "places"]

Kind = Literal["input", "activation", "sum"]
KINDS: tuple[Kind, ...] = ("sum", "activation", "input")
"""A place of several kinds is of the last of them."""
COUNTING = Floating | Weighted | Add | Product
"""Layers that sum or multiply codes."""
AT_ONCE = 1 << 24
"""Numbers that all layers together have in memory."""


@dataclass(frozen=True)
class Place:
    """Layers whose outputs need one quantizer: the network's input, an activation, or a branch of a
    sum that no activation function is before."""

    sources: tuple[str, ...]
    kind: Kind
    readers: tuple[str, ...]
    """The layers that need the codes."""


def places(graph: Graph) -> list[Place]:
    """Lists the places of a graph in order."""
    groups: list[tuple[set[str], list[tuple[str, Kind]]]] = []
    for makers, reader, kind in _uses(graph):
        met = [g for g in groups if g[0] & makers]
        groups = [g for g in groups if not g[0] & makers]
        groups.append((makers.union(*(names for names, _ in met)),
                       [*(use for _, uses in met for use in uses), (reader, kind)]))
    order = {node.name: k for k, node in enumerate(graph.nodes)}
    found: list[Place] = []
    for names, uses in groups:
        kind = KINDS[max(KINDS.index(kind) for _, kind in uses)]
        found.append(Place(tuple(sorted(names, key=order.__getitem__)), kind,
                           tuple(dict.fromkeys(reader for reader, _ in uses))))
    return sorted(found, key=lambda place: order[place.sources[0]])


def _uses(graph: Graph) -> Iterator[tuple[set[str], str, Kind]]:
    """Yields the layers whose outputs a layer reads as codes, that layer, and the kind of use."""
    for node in graph.nodes:
        reads = node.op.averages or isinstance(node.op, COUNTING | RunTime)
        if not reads or _left(graph, node):
            continue
        for name in node.inputs:
            makers = _makers(graph, name)
            inputs = {n for n in makers if _is_input(graph, n)}
            for one in inputs:
                yield {one}, node.name, "input"
            if others := {*makers} - inputs:
                sums = isinstance(node.op, Add) and all(_linear(graph, n) for n in others)
                kind: Kind = "sum" if sums else "activation"
                yield others, node.name, kind


def _is_input(graph: Graph, name: str) -> bool:
    return isinstance(graph.by_name[name].op, Input)


def _makers(graph: Graph, name: str) -> list[str]:
    """The layers that compute the reals of a tensor; none if they are codes, or are found at run
    time."""
    node = graph.by_name[name]
    if graph.tensors[name].codes is not None or isinstance(node.op, RunTime):
        return []
    if node.op.moves or node.op.selects or isinstance(node.op, Join):
        return list(dict.fromkeys(m for i in node.inputs for m in _makers(graph, i)))
    return [name]


def _linear(graph: Graph, name: str) -> bool:
    """Whether a layer computes sums, with no function but scales and offsets behind them."""
    node = graph.by_name[name]
    while isinstance(node.op, Straight | BatchNorm):
        node = graph.by_name[node.inputs[0]]
    return isinstance(node.op, COUNTING)


def _left(graph: Graph, node: Node) -> bool:
    """Whether a mean stays real: it averages sums, and only the host's layers are behind it."""
    return (node.op.averages and not _counted(graph, node.name)
            and all(_linear(graph, n) for n in _makers(graph, node.inputs[0])))


def _counted(graph: Graph, name: str) -> bool:
    """Whether a layer that counts reads a tensor, directly or behind other layers."""
    return any(isinstance(n.op, COUNTING) or _counted(graph, n.name) for n in graph.users[name])


def ends(graph: Graph) -> tuple[set[str], set[str]]:
    """Names the layers with weights that read the network's input, and those behind which no other
    layer has weights."""
    layers = [n for n in graph.nodes if isinstance(n.op, Floating | Weighted)]
    behind, last = set[str](), set[str]()
    for node in reversed(graph.nodes):
        followed = any(user.name in behind for user in graph.users[node.name])
        if isinstance(node.op, Floating | Weighted):
            behind.add(node.name)
            last |= set[str]() if followed else {node.name}
        elif followed:
            behind.add(node.name)
    first = set[str]()
    reached = {n.name for n in graph.nodes if isinstance(n.op, Input)}
    for node in graph.nodes:
        if not reached.isdisjoint(node.inputs):
            (first if node in layers else reached).add(node.name)
    return first, last


def before_relu(graph: Graph, name: str) -> str:
    """Finds the tensor before a relu, for codes that take the relu's place; other layers are
    returned themselves."""
    node = graph.by_name[name]
    relu = isinstance(node.op, Relu) or isinstance(node.op, Clamp) and node.op.lo == 0
    return node.inputs[0] if relu else name


def calibrated(graph: Graph, groups: Sequence[Sequence[str]], x: np.ndarray) -> list[Histogram]:
    """Computes a histogram of the real values of each group of layers.

    Parameters
    ----------
    graph : the real graph
    groups : names of layers
    x : samples (N, *shape), which are computed in batches
    """
    found = [Histogram() for _ in groups]
    for batch in batches(graph, x):
        values = evaluate(graph, batch)
        for names, histogram in zip(groups, found, strict=True):
            for name in names:
                histogram.see(values[name])
    return found


def batches(graph: Graph, x: np.ndarray) -> Iterator[np.ndarray]:
    """Splits samples ``x`` (N, *shape) into parts whose layers' values fit in memory; there is one
    part if a network keeps state."""
    count = max(len(x), 1) if remembered(graph) else at_once(graph)
    return (x[first:first + count] for first in range(0, len(x), count))


def at_once(graph: Graph) -> int:
    """Computes the number of samples whose layers' values fit in memory together."""
    return max(AT_ONCE // sum(tensor.size for tensor in graph.tensors.values()), 1)


def inserted(graph: Graph, quantizers: Mapping[str, Quantizer],
             before: Mapping[str, str]) -> Graph:
    """Inserts quantizers behind layers; all layers behind them read the codes.

    Parameters
    ----------
    graph : the real graph
    quantizers : quantizers by the name of the layer before; one behind the input becomes the
        input's format
    before : for some layers, the tensor that their quantizer reads instead
    """
    codes = {name: graph.fresh(f"{name[:30]}_codes") for name in quantizers
             if not _is_input(graph, name)}
    nodes: list[Node] = []
    for node in graph.nodes:
        node = replace(node, inputs=tuple(codes.get(i, i) for i in node.inputs))
        quantizer = quantizers.get(node.name)
        if isinstance(node.op, Input) and isinstance(quantizer, Quantize):
            nodes.append(replace(node, op=replace(
                node.op, codes=quantizer.codes, scale=quantizer.scale,
                zero=quantizer.format.zero, rounding=quantizer.rounding)))
            continue
        nodes.append(node)
        if quantizer is not None:
            source = before.get(node.name, node.name)
            nodes.append(Node(codes[node.name], quantizer, (
                source if source == node.name else codes.get(source, source),)))
    return graph.replaced(nodes).check()

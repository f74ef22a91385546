"""Decodes codes that stand for other integers, before hardware that reads the integers."""

from dataclasses import replace

import numpy as np

from ..exact.num import Int
from ..graph import Graph, Node, Op, Tensor
from ..ops import Decoder, HardwareOp, Lookup

__all__ = ["decode", "decoder", "ranked"]


def decode(graph: Graph) -> Graph:
    """Adds tables before layers that cannot read the codes of their input, and before the host.

    A table decodes codes to integers; it is merged with the table that made the codes.
    """
    nodes: list[Node] = []
    tables: dict[str, str] = {}

    def read(name: str) -> str:
        """The layer that has the integers behind a layer's codes."""
        if name not in tables:
            tables[name] = graph.fresh(f"{name}_values")
            nodes.append(Node(tables[name], decoder(graph.tensors[name]), (name,)))
        return tables[name]

    for node in graph.nodes:
        nodes.append(replace(node, inputs=tuple(
            name if _takes(node.op, graph.tensors[name]) else read(name) for name in node.inputs)))
    last = graph.output
    if last.op.integer and graph.tensors[last.name].coded is not None:
        read(last.name)
    return _merged(graph.replaced(nodes))


def _takes(op: Op, x: Tensor) -> bool:
    """Whether a layer reads a tensor as it is."""
    if isinstance(op, HardwareOp):
        return op.takes(x)
    return x.coded is None or op.raw


def decoder(x: Tensor) -> Decoder:
    """Makes the table from a tensor's codes to their integers."""
    values = _values(x)
    return Decoder(values, Tensor((), Int.of(values), x.scale, x.zero), x.integer.lo)


def ranked(x: Tensor) -> tuple[Decoder, Lookup]:
    """Makes two tables: from a tensor's codes to their rank in the order of the integers, and
    back."""
    assert x.coded
    codes = x.coded.codes[np.argsort(x.coded.decode(x.coded.codes))]
    ranks = np.searchsorted(x.coded.decode(codes), _values(x))
    return (Decoder(ranks, Tensor((), Int(0, len(codes) - 1)), x.integer.lo),
            Lookup(codes, replace(x, shape=())))


def _values(x: Tensor) -> np.ndarray:
    """The integer of each code, from the lowest code to the highest."""
    return x.integers(np.arange(x.integer.lo, x.integer.hi + 1))


def _merged(graph: Graph) -> Graph:
    """A table that reads another one's entries becomes one with it, or goes if it changes nothing.
    """
    for node in graph.nodes:
        if not isinstance(node.op, Decoder):
            continue
        source = graph.by_name[node.inputs[0]]
        if _same(graph, node, source):
            return _merged(_renamed(graph, {}, {node.name: source.name}))
        if isinstance(source.op, Lookup) and (only := graph.users[source.name] == (node,)) | (
                len(source.op.table) <= len(node.op.table)):
            table = node.op.table[source.op.table - node.op.lo]
            kind = type(source.op) if only else Decoder
            one = Node(source.name if only else node.name,
                       kind(table, node.op.format, source.op.lo), source.inputs)
            return _merged(_renamed(graph, {node.name: one}, {node.name: one.name}))
    return graph


def _same(graph: Graph, node: Node, source: Node) -> bool:
    """Tells whether a table's entries equal its inputs."""
    op, x = node.op, graph.tensors[source.name]
    assert isinstance(op, Lookup)
    return graph.tensors[node.name] == x and np.array_equal(
        op.table, np.arange(x.integer.lo, x.integer.hi + 1))


def _renamed(graph: Graph, instead: dict[str, Node], names: dict[str, str]) -> Graph:
    """The graph with other nodes for some of its own, read by other names; a node
    with the same name as another replaces it."""
    gone = {n.name for n in instead.values()} | (set(names) - set(instead))
    nodes = [instead.get(n.name, n) for n in graph.nodes
             if n.name in instead or n.name not in gone]
    return graph.replaced(replace(n, inputs=tuple(names.get(i, i) for i in n.inputs))
                          for n in nodes)

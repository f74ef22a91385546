"""Leaves a join at the end to the host, if it joins functions that hardware does not compute."""

from dataclasses import replace

import numpy as np

from ..graph import Graph, Node
from ..layers import Arrange, Function, Join, Reshape
from ..layers.heads import Heads
from ..layers.real import Elementwise
from ..ops import Reorder, Take

__all__ = ["apart"]

MOVES = Arrange | Reorder | Reshape | Take


def apart(graph: Graph) -> Graph:
    """Turns a join of functions at the end of a graph into several outputs, put in order behind."""
    join, behind = graph.output, set[str]()
    while isinstance(join.op, Elementwise | MOVES):
        behind.add(join.name)
        join = graph.by_name[join.inputs[0]]
    if not isinstance(join.op, Join):
        return graph
    branches = _branches(graph, join)
    if not any(isinstance(graph.by_name[name].op, Function) for name in branches):
        return graph
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.name in branches | behind and isinstance(node.op, MOVES):
            x = graph.tensors[node.inputs[0]]
            node = replace(node, op=Arrange(node.op.evaluate(
                np.arange(x.size).reshape(1, *x.shape))[0]))
        nodes += _outputs(graph, node) if node is join else [node]
    return graph.replaced(nodes)


def _branches(graph: Graph, join: Node) -> set[str]:
    """The real functions and moves that nothing but a join needs."""
    found = {join.name}
    for node in reversed(graph.nodes):
        users = {user.name for user in graph.users[node.name]}
        if (users and users <= found and graph.tensors[node.name].codes is None
                and isinstance(node.op, Elementwise | MOVES)):
            found.add(node.name)
    return found - {join.name}


def _outputs(graph: Graph, join: Node) -> list[Node]:
    """The elements of a join's inputs in order, and the host's layer that joins them."""
    sizes = [graph.tensors[name].size for name in join.inputs]
    starts = np.cumsum([0, *sizes])
    places = np.concatenate([
        start + np.arange(size).reshape(graph.tensors[name].shape)
        for name, size, start in zip(join.inputs, sizes, starts, strict=False)], axis=-1)
    made = Node(graph.fresh(f"{join.name}_parts"), Heads(), join.inputs)
    return [made, Node(join.name, Arrange(places), (made.name,))]

"""Quantizers behind moves of real numbers come before them, where nothing but integers moves."""

from collections.abc import Sequence

from ..graph import Graph, Node, Op
from ..layers import Affine, Clamp, Divide, Function, LeakyRelu, Quantizer, Relu, Reshape, Round
from ..layers.real import Elementwise, Straight
from ..ops import Reorder, Take
from .pools import SELECTING

__all__ = ["early"]

MOVES = Reorder | Reshape | Take
LINES = Straight | Relu | Clamp | Round | Divide
"""Functions whose results have integers of their own, which move as they are."""


def early(graph: Graph) -> Graph:
    """Moves quantizers that are the same for all elements in front of real layers that move them,
    with the functions between."""
    while (found := next(filter(None, (_way(graph, n) for n in graph.nodes)), None)) is not None:
        graph = _swapped(graph, *found)
    return graph


def _way(graph: Graph, node: Node) -> tuple[Node, list[Node]] | None:
    """The layer that moves real numbers before a quantizer, and what follows up to the quantizer;
    None if there is none, or if integers move there anyway."""
    if not (isinstance(node.op, Quantizer) and _alike(node.op)):
        return None
    way = [node]
    while not isinstance((node := graph.by_name[node.inputs[0]]).op, MOVES):
        if graph.tensors[node.name].codes is not None or not _alike(node.op):
            return None
        way.insert(0, node)
    name = node.inputs[0]
    while graph.tensors[name].codes is None:
        before = graph.by_name[name]
        if not isinstance(before.op, LINES | MOVES | SELECTING):
            return (node, way) if isinstance(before.op, Elementwise) else None
        name, = before.inputs
    return None


def _alike(op: Op) -> bool:
    """Whether a function is the same for all elements."""
    match op:
        case Affine(slope=slope, offset=offset):
            return len({*zip(slope, offset, strict=True)}) == 1
        case LeakyRelu(slope=slope):
            return len({*slope}) == 1
        case _:
            return op.alike or isinstance(op, Function)


def _for(op: Op, channels: int) -> Op:
    """A function that is the same for all elements, for ``channels`` channels."""
    match op:
        case Affine(slope=(slope, *_), offset=(offset, *_)):
            return Affine((slope,) * channels, (offset,) * channels)
        case LeakyRelu(slope=(slope, *_)):
            return LeakyRelu((slope,))
        case _:
            return op


def _swapped(graph: Graph, move: Node, way: Sequence[Node]) -> Graph:
    """The graph with what follows a move before it."""
    name = move.inputs[0]
    channels = graph.tensors[name].channels
    moved: list[Node] = []
    for node in way:
        moved.append(Node(graph.fresh(f"{node.name}_early"), _for(node.op, channels), (name,)))
        name = moved[-1].name
    moved.append(Node(way[-1].name, move.op, (name,)))
    place = graph.nodes.index(way[-1])
    return graph.replaced([*graph.nodes[:place], *moved, *graph.nodes[place + 1:]])

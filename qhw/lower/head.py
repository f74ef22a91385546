"""Leaves the layers between a real input and its quantizer to the host."""

from ..errors import ModelError
from ..graph import Graph, Node
from ..layers import Input, Quantizer
from ..layers.real import Monotone

__all__ = ["head"]


def head(graph: Graph) -> Graph:
    """Moves the layers from a real input to its quantizer into the input, whose output then is the
    quantizer's codes.

    ModelError if the layers behind a real input are no chain to a quantizer."""
    first = graph.nodes[0]
    if not isinstance(first.op, Input) or first.op.codes is not None:
        return graph
    steps: list[Node] = []
    node = first
    while not isinstance(node.op, Quantizer):
        users = graph.users[node.name]
        if len(users) != 1 or not isinstance(users[0].op, Quantizer | Monotone):
            names = ", ".join(repr(n.name) for n in users)
            raise ModelError(f"Layer {first.name!r}: the network's input is real-valued and read "
                             f"by {names}, with no quantizer before; name its format, such as "
                             f"--input-format u8 or --input-format s8:scale=1/128")
        node = users[0]
        steps.append(node)
    made = graph.tensors[node.name]
    quantizer = node.op
    assert isinstance(quantizer, Quantizer)
    op = Input(made.shape, made.codes, made.scale, made.zero, steps=tuple(n.op for n in steps),
               order=first.op.order, given=first.op.given or first.op.shape,
               coded=made.coded)
    gone = {first.name, *(n.name for n in steps)}
    return graph.replaced([Node(node.name, op), *(n for n in graph.nodes if n.name not in gone)])

"""What hardware does not do stays behind the last integer layer, for the host."""

from ..errors import ModelError
from ..ir import Graph, Node
from ..ops import Affine, Input

__all__ = ["tail"]


def tail(graph: Graph) -> Graph:
    """Real layers are at the end only, and the output is real: ModelError if that cannot be."""
    for node in graph.nodes:
        for source in node.inputs:
            if node.op.integer and not graph.by_name[source].op.integer:
                raise ModelError(f"Layer {source!r} is real-valued, and {node.op.kind} layer "
                                 f"{node.name!r} needs integers: put a quantize or sign layer "
                                 f"between them")
    if all(isinstance(n.op, Input) or not n.op.integer for n in graph.nodes):
        raise ModelError(f"Model {graph.name!r}: no layer of it can become hardware")
    nodes: list[Node] = []
    last = graph.hardware.output
    made = graph.tensors[last.name]
    if made.codes is None or (made.scale, made.zero) == (1, 0) or made.coded:
        return graph
    name = f"{last.name}.real"
    slopes, offsets = ((v,) * made.channels for v in (made.scale, -made.scale * made.zero))
    for node in graph.nodes:
        op = node.op
        nodes.append(node if op.integer else Node(node.name, op, tuple(
            name if i == last.name else i for i in node.inputs)))
        if node.name == last.name:
            nodes.append(Node(name, Affine(slopes, offsets), (last.name,)))
    return graph.replaced(nodes)

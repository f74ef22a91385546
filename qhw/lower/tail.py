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
    last = graph.output
    made = graph.tensors[last.name]
    if made.codes is not None and (made.scale, made.zero) != (1, 0):
        slopes = (made.scale,) * made.channels
        offsets = (-made.scale * made.zero,) * made.channels
        return graph.replaced([*graph.nodes,
                               Node(f"{last.name}.real", Affine(slopes, offsets), (last.name,))])
    return graph

"""The real layers between an integer tensor and a quantizer."""

from ..errors import ModelError
from ..graph import Graph, Node
from ..layers.real import Elementwise

__all__ = ["chain_before"]


def chain_before(graph: Graph, node: Node) -> tuple[str, list[Node]]:
    """Finds the integer tensor from which ``node`` is computed, and the real layers between them.

    ModelError if there is no such tensor."""
    way: list[Node] = []
    source = node.inputs[0]
    while graph.tensors[source].codes is None:
        layer = graph.by_name[source]
        if not isinstance(layer.op, Elementwise):
            raise ModelError(
                f"Layer {node.name!r}: {layer.op.kind} layer {layer.name!r} is real-valued here; "
                f"put a quantize or sign layer before it")
        way.insert(0, layer)
        source, = layer.inputs
    return source, way

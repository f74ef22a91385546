"""Refuses float weights before anything else is said about a network."""

from ..errors import ModelError
from ..graph import Graph
from ..layers import Floating

__all__ = ["floats"]


def floats(graph: Graph) -> Graph:
    """Returns the graph; ModelError names the first layer whose weights are floats."""
    for node in graph.nodes:
        if isinstance(node.op, Floating):
            raise ModelError(f"Layer {node.name!r}: its weights are floats; choose a scheme with "
                             f"qhw quantize")
    return graph

"""The network as a graph: frozen nodes, and what is known of the tensor each of them makes."""

from .graph import Graph, Node
from .op import Op
from .tensor import MOST_BITS, Tensor

__all__ = ["MOST_BITS", "Graph", "Node", "Op", "Tensor"]

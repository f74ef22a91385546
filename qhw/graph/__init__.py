"""The network as a graph: frozen nodes, and shape and number format of each node's output tensor.
"""

from .graph import Graph, Node
from .op import Op
from .tensor import MOST_BITS, Tensor

__all__ = ["MOST_BITS", "Graph", "Node", "Op", "Tensor"]

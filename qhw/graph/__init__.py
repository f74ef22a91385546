"""The network as a graph: frozen nodes, shape and number format of each node's output tensor, and
folds of layers."""

from .fold import LEVELS, AnyFolds, Fold, Folds, Groups, Lanes, PeSimd, Spatial, Whole, as_folds
from .graph import Graph, Node
from .op import Op
from .tensor import MOST_BITS, Tensor

__all__ = ["LEVELS", "MOST_BITS", "AnyFolds", "Fold", "Folds", "Graph", "Groups", "Lanes", "Node",
           "Op", "PeSimd", "Spatial", "Tensor", "Whole", "as_folds"]

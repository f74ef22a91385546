"""A small network for simulators: two elements, one a beat, become 0, 1 or 2."""

import numpy as np

from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Input
from qhw.ops import Threshold

__all__ = ["WANT", "X", "network"]

X = np.array([[-4, 3], [1, 0], [2, -1]])
WANT = [[0, 2], [1, 1], [2, 0]]


def network():
    """Steps at 0 and at 2."""
    step = Threshold(np.array([[0, 2], [0, 2]]), np.zeros(2, bool))
    return Graph("net", (Node("in", Input((2,), Int(-4, 3))), Node("step", step, ("in",))))

"""Networks of a few layers in a row."""

from qhw.graph import Graph, Node
from qhw.layers import Dense
from qhw.schemes import Codes
from qhw.schemes.fixed import Fixed


def chain(*ops):
    """A network of the ops in a row."""
    names = [f"l{k}" for k in range(len(ops))]
    return Graph("chain", tuple(Node(name, op, tuple(names[k - 1:k])) for k, (name, op) in
                                enumerate(zip(names, ops, strict=True)))).check()


def two(codes, scale, bias=None):
    """A layer of two-bit weights."""
    return Dense(Fixed(2), Codes(codes, scale), bias)

"""Networks as nodes: what each reads, what is dropped, and what is not well formed."""

from dataclasses import dataclass

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import BIT, Int
from qhw.graph import Graph, Node, Op, Tensor
from qhw.layers import Add, Flatten, Input, Relu

X = Node("x", Input((2, 3), Int(0, 7)))
FLAT, RELU = Node("flat", Flatten(), ("x",)), Node("relu", Relu(), ("flat",))
TWICE = Node("twice", Add(), ("relu", "relu"))
NET = Graph("net", (X, FLAT, RELU, TWICE))


def test_every_tensor_in_order():
    assert NET.check() is NET and NET.output is TWICE and NET.by_name["flat"] is FLAT
    assert list(NET.tensors) == ["x", "flat", "relu", "twice"]
    assert NET.tensors["flat"] == Tensor((6,), Int(0, 7)) and NET.tensors["twice"] == Tensor((6,))


def test_who_reads_what():
    """A node that reads twice is one reader."""
    assert NET.users == {"x": (FLAT,), "flat": (RELU,), "relu": (TWICE,), "twice": ()}


def test_hardware_and_host():
    assert NET.hardware.nodes == (X, FLAT) and NET.host == (RELU, TWICE)
    assert NET.answer == NET.tensors["flat"] and NET.hardware.name == "net"


def test_names_that_no_layer_has():
    more = Graph("net", (*NET.nodes, Node("relu_2", Relu(), ("twice",))))
    assert (NET.fresh("new"), NET.fresh("relu"), more.fresh("relu")) == ("new", "relu_2", "relu_3")


def test_what_nobody_reads_is_dropped():
    lone = Node("lone", Relu(), ("flat",))
    behind = Node("behind", Relu(), ("lone",))
    assert NET.replaced([X, FLAT, lone, behind, RELU]).nodes == (X, FLAT, RELU)
    assert NET.replaced(iter([X, FLAT, RELU, lone])).nodes == (X, FLAT, lone)


@dataclass(frozen=True)
class Wide(Op):
    """Of any shape and reach."""

    kind, integer = "wide", True
    shape: tuple[int, ...] = (1,)
    codes: Int | None = BIT

    def infer(self, *xs):
        return Tensor(self.shape, self.codes)

    def evaluate(self, *xs):
        return np.zeros(1)


def wide(**how):
    return Node("wide", Wide(**how), ("x",))


@pytest.mark.parametrize(("nodes", "says"), [
    ([], "A network must have layers"), ([X, Node("", Relu(), ("x",))], "Layer '': its name"),
    ([X, RELU], "Layer 'relu': its input 'flat' is no layer before it"),
    ([X, FLAT, RELU, Node("flat", Relu(), ("relu",))], "Layer 'flat': 2 layers have this name"),
    ([X, FLAT, RELU, Node("end", Relu(), ("flat",))], "Layer 'relu': nothing reads its output"),
    ([X, FLAT, Node("sum", Add(), ("x", "flat"))], r"Layer 'sum': it adds \(2, 3\) and \(6,\)"),
    ([X, wide(shape=())], r"Layer 'wide': its output has shape \(\)"),
    ([X, wide(shape=(3, 0))], r"Layer 'wide': its output has shape \(3, 0\)"),
    ([X, wide(codes=None)], "Layer 'wide': its output has no interval"),
    ([X, wide(codes=Int(0, 1 << 62))], "its integers reach 4611686018427387904, more than 62 bits"),
    ([X, wide(codes=Int(-(1 << 62), 0))], "more than 62 bits")])
def test_what_is_not_well_formed(nodes, says):
    with pytest.raises(ModelError, match=says):
        Graph("net", tuple(nodes)).check()


def test_the_largest_integers():
    Graph("net", (X, wide(codes=Int(1 - (1 << 62), (1 << 62) - 1)))).check()


def test_the_networks_own_name():
    with pytest.raises(ModelError, match="Model '': its name"):
        Graph("", NET.nodes).check()

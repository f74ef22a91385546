"""Names of any graph become names of a description, each once."""

import re

import pytest

from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import Input, Relu
from qhw.loaders.description.names import allowed


def named(*names, model="net"):
    nodes = [Node("first", Input((2,), Int(0, 3)))]
    for name in names:
        nodes.append(Node(name, Relu(), (nodes[-1].name,)))
    return Graph(model, tuple(nodes))


LONG = "StatefulPartitionedCall_sequential_of_many_words"


@pytest.mark.parametrize(("names", "want"), [
    (["conv1", "fc_2", "A"], ["conv1", "fc_2", "A"]),       # as they are
    (["a.b/c", "7", "_"], ["a_b_c", "t7", "t"]),
    (["a.b", "a/b", "a_b"], ["a_b", "a_b_2", "a_b_3"]), (["input", "x"], ["input_2", "x"]),
    ([f"{LONG}_conv_1_BiasAdd", f"{LONG}_dense_Relu"], ["conv_1_BiasAdd", "dense_Relu"]),
    (["fc", f"{LONG}_dense_1"], ["fc", "sequential_of_many_words_dense_1"]),
    (["z" * 90, "z" * 91], ["z" * 35, "z" * 35 + "_2"])])
def test_names(names, want):
    graph = allowed(named(*names))
    assert [n.name for n in graph.nodes] == ["input", *want]
    assert [n.inputs for n in graph.nodes[1:]] == [(n.name,) for n in graph.nodes[:-1]]
    assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,39}", n.name) for n in graph.nodes)
    assert [n.name for n in allowed(graph).nodes] == [n.name for n in graph.nodes]


@pytest.mark.parametrize(("model", "want"), [
    ("net", "net"), ("my net.v2", "my_net_v2"), ("7up", "net_7up"), ("a" * 70, "a" * 60)])
def test_the_model(model, want):
    assert allowed(named("fc", model=model)).name == want

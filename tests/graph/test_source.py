"""What a file format says of a file without findings of its own."""

from pathlib import Path

import pytest

from qhw.exact.num import Int
from qhw.graph import Graph, Node, Tensor
from qhw.graph.source import Finding, Format, Origin, said
from qhw.layers import Input, Relu


class Three(Format):
    """Answers with a network whose input has the shape that was asked for."""

    name, what, suffixes = "three", "a three", (".three",)

    def recognizes(self, path, head):
        return False

    def load(self, path, input_format=None, input_shape=None):
        assert (path, input_format) == (Path("a.three"), "s8")
        return Graph("net", (Node("in", Input(input_shape, Int(-3, 4))),
                             Node("relu", Relu(), ("in",))))

    def contents(self, path):
        return {}


def test_every_layer_is_a_finding():
    assert Three().findings(Path("a.three"), "s8", (2, 5)) == [
        Finding(Origin("in", "input", ""), "input", (2, 5), "-3..4, scale 1"),
        Finding(Origin("relu", "relu", ""), "relu", (2, 5), "real")]


@pytest.mark.parametrize(("tensor", "words"), [
    (Tensor((1,)), "real"), (Tensor((1,), Int(0, 15), scale=3), "0..15, scale 3")])
def test_a_format_in_words(tensor, words):
    assert said(tensor) == words

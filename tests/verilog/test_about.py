"""What is said of a network: a line a layer, and metadata."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.graph.fold import PeSimd
from qhw.layers import Affine, Dense, Input, Softmax
from qhw.layers.heads import Heads
from qhw.lower import lower
from qhw.ops import Gain, Threshold
from qhw.schemes import Codes
from qhw.schemes.fixed import Fixed
from qhw.verilog.about import HostBranch, HostLayer, describe, metadata
from qhw.version import __version__


def network():
    weights = Codes(np.array([[1, 15, 3], [2, 0, 14]]), np.array(.5))
    return lower(Graph("my net", (
        Node("in", Input((3,), Int(-8, 7), Fraction(1, 3), Fraction(1))),
        Node("fc", Dense(Fixed(4), weights, np.array([.25, 1]), PeSimd(1, 3)), ("in",)),
        Node("soft", Softmax(), ("fc",)))))


def test_metadata_by_hand():
    known = metadata(network())
    assert known.name == "my net" and known.qhw == __version__
    assert (known.input.shape, known.input.lo, known.input.hi, known.input.bits) == ((3,), -8, 7, 4)
    assert (known.input.signed, known.input.scale, known.input.zero_point) == (True, "1/3", "1")
    assert known.input.lanes * known.input.beats == 3
    assert known.input.tdata_width == -(-4 * known.input.lanes // 8) * 8
    assert known.output.scale is None and known.output.shape == (2,)
    assert known.host[-1] == HostLayer("soft", "softmax")
    line = known.host[0]
    assert line.kind == "affine" and [Fraction(v) for v in line.slope] == [Fraction(1, 6)] * 2
    assert 0 < known.interval <= known.latency


def test_the_hosts_part_is_in_its_order():
    graph = Graph("net", (Node("in", Input((2,), Int(0, 3))), Node("g", Gain(np.ones(2, int)), (
        "in",)), Node("a", Affine((Fraction(1, 2),) * 2, (Fraction(1),) * 2), ("g",)),
        Node("s", Softmax(), ("a",))))
    assert metadata(graph).host == (HostLayer("a", "affine", ("1/2", "1/2"), ("1", "1")),
                                    HostLayer("s", "softmax"))
    assert metadata(graph).output.hi == 3 and not metadata(graph).output.signed


def test_several_outputs_say_where_they_stand():
    graph = Graph("net", (Node("in", Input((2,), Int(0, 3), Fraction(1, 2))),
                          Node("g", Gain(np.array([1, 2])), ("in",)),
                          Node("s", Softmax(), ("g",)), Node("y", Heads(), ("g", "s", "in"))))
    scale = HostLayer("in", "affine", ("1/2", "1/2"), ("0", "0"))
    assert metadata(lower(graph)).host == (HostLayer("y", "branches", branches=(
        HostBranch("g", 0, (2,), ()), HostBranch("s", 0, (2,), (HostLayer("s", "softmax"),)),
        HostBranch("in", 2, (2,), (scale,)))),)


@pytest.mark.parametrize(("name", "line"), [("t", "t: threshold"), ("a\nb", None)])
def test_a_layer_in_a_line(name, line):
    found = describe(Node(name, Threshold(np.array([[0]]), np.zeros(1, bool)), ("x",)))
    assert "\n" not in found and found.endswith(": threshold") and line in (None, found)


def test_a_product_in_a_line():
    assert describe(network().by_name["fc"]) == (
        f"fc: 3 -> 2, {Fixed(4)} weights, PE 1, SIMD 3, fold 1 x 2")

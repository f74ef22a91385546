"""Branches of integers come to one scale before they meet, by hand."""

from fractions import Fraction

import numpy as np
import pytest

from qhw import simulate
from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.graph import Graph, Node
from qhw.layers import (
    Add,
    Affine,
    BatchNorm,
    Dense,
    Input,
    Join,
    Quantize,
    Relu,
    Rescale,
    Sign,
)
from qhw.lower import lower
from qhw.ops import Concat, Sum
from qhw.schemes import Codes
from qhw.schemes.fixed import Fixed
from qhw.simulators.golden import evaluate, golden

INPUT = Input((2,), Int(-4, 3), Fraction(1, 2))
X = np.array([[-4, 3], [0, 1], [2, -1]])


def network(op, *more):
    """Levels of 1/2 and of 1/3 that meet, quantized in sixths."""
    return Graph("join", (
        Node("x", INPUT), Node("a", Quantize(Int(-4, 3), Fraction(1, 2)), ("x",)),
        Node("b", Quantize(Int(-8, 7), Fraction(1, 3)), ("x",)), Node("both", op, ("a", "b")),
        Node("y", Quantize(Int(-64, 63), Fraction(1, 6)), ("both",)))).check()


def test_a_sum_in_units_of_the_common_step():
    """A half and a third are three and two sixths."""
    graph = lower(network(Add()))
    op = graph.by_name["both"].op
    assert isinstance(op, Sum) and (op.a.tolist(), op.b.tolist()) == ([3, 3], [2, 2])
    assert np.array_equal(golden(graph, X)["y"], evaluate(network(Add()), X)["y"])


def test_channels_of_one_scale():
    graph = lower(network(Join()))
    assert any(isinstance(n.op, Concat) for n in graph.nodes)
    assert np.array_equal(golden(graph, X)["y"], evaluate(network(Join()), X)["y"])


def near(value):
    """A scale as files have it."""
    return Fraction(float(np.float32(value)))


A, B, C = near(.0213), near(.0371), near(.0457)
FAR = Fraction(1, 3) / (1 << 40)


def meeting(op, *behind, scales=(A, B)):
    """Codes of two scales that meet, and layers behind."""
    x = Input((3,), Int(-40, 40), scales[0], Fraction(2))
    layers = [Node("x", x), Node("y", Quantize(Int(-30, 30), scales[1], -1), ("x",)),
              Node("both", op, ("x", "y"))]
    for k, layer in enumerate(behind):
        layers.append(Node(f"b{k}", layer, (layers[-1].name,)))
    return Graph("meeting", tuple(layers)).check()


def exact(graph, x):
    """A graph's last codes in rational numbers."""
    real = {"x": graph.by_name["x"].op.scale * (x - 2)}
    y = graph.by_name["y"].op
    codes = [min(max(round(v / y.scale + y.zero), y.codes.lo), y.codes.hi) for v in real["x"]]
    real["y"] = np.array([y.scale * (c - y.zero) for c in codes])
    value = (real["x"] + real["y"] if isinstance(graph.by_name["both"].op, Add)
             else np.concatenate([real["x"], real["y"]]))
    for node in graph.nodes[3:-1]:
        value = np.maximum(value, 0) if isinstance(node.op, Relu) else np.array(
            [a * v + b for v, (a, b) in zip(value, map(node.op.line, range(9)), strict=False)])
    q = graph.output.op
    return [min(max(round(v / q.scale + q.zero), q.codes.lo), q.codes.hi) for v in value]


SAMPLES = np.array([[a, b, c] for a, b, c in zip(range(-40, 41), range(40, -41, -1),
                                                np.roll(range(-40, 41), 7), strict=True)])


@pytest.mark.parametrize(("code", "zero"), [(3, 0), (0, 0), (-20, -20), (127, 1)])
@pytest.mark.parametrize("scales", [(A, B), (A, A / 7)], ids=["near", "exact"])
@pytest.mark.parametrize("op", [Add(), Join()], ids=["sum", "concatenation"])
def test_one_code_behind_branches(op, scales, code, zero):
    """Whatever comes in, in gates too."""
    graph = meeting(op, Quantize(Int(code, code), C, zero), scales=scales)
    assert (golden(lower(graph), SAMPLES)[graph.output.name] == code).all()
    assert simulate(graph, SAMPLES[:4], engine="amaranth").matches == 4


@pytest.mark.parametrize("scales", [(A, B), (A, FAR * 3), (A, A / 7)], ids=["near", "far", "exact"])
@pytest.mark.parametrize("op", [Add(), Join()], ids=["sum", "concatenation"])
@pytest.mark.parametrize("way", ["", "relu", "affine"])
def test_branches_without_a_common_step(op, scales, way):
    """Codes as rational numbers give them, and the gates' too; factors stay small."""
    channels = 3 if isinstance(op, Add) else 6
    affine = Affine((C, -C, near(1.7)) * (channels // 3), (B, A, -A) * (channels // 3))
    behind = {"": [], "relu": [Relu()], "affine": [affine, Relu()]}[way]
    graph = meeting(op, *behind, Quantize(Int(-20, 60), C, 3), scales=scales)
    lowered = lower(graph)
    found = golden(lowered, SAMPLES)[graph.output.name]
    assert found.tolist() == [exact(graph, x) for x in SAMPLES]
    for node in lowered.nodes:
        if isinstance(node.op, Sum):
            assert max(np.abs(node.op.a).max(), np.abs(node.op.b).max()) < 1 << 13
    got = simulate(graph, SAMPLES[:9], engine="amaranth")
    assert got.matches == 9


def test_sums_of_a_product_and_a_skip():
    """The product has a scale and a batch norm by channel, whose roots no fraction is."""
    rng = np.random.default_rng(0)
    weights = Codes(rng.integers(-7, 8, (3, 3)), np.array([.013, .021, .017]))
    norm = BatchNorm(*(rng.uniform(.5, 2, 3) for _ in range(4)), 1e-5)
    graph = Graph("skip", (
        Node("x", Input((3,), Int(-40, 40), A)), Node("fc", Dense(Fixed(4), weights), ("x",)),
        Node("norm", norm, ("fc",)), Node("both", Add(), ("x", "norm")),
        Node("relu", Relu(), ("both",)),
        Node("y", Quantize(Int(0, 63), near(.0173)), ("relu",)))).check()
    x = rng.integers(-40, 41, (300, 3))
    lowered = lower(graph)
    assert any(isinstance(n.op, Sum) for n in lowered.nodes)
    assert np.array_equal(golden(lowered, x)["y"], evaluate(graph, x * float(A))["y"])


@pytest.mark.parametrize("multipliers", [(1518500250, 1932735283), (-1518500250, 1932735283)])
def test_sums_as_tensorflow_lite_adds(multipliers):
    """Codes shifted up by 20, rescaled, added, rescaled: one sum with factors of ten bits."""
    word, codes, shift = Int(-(1 << 27), (1 << 27) - 1), Int(-128, 127), np.array([-1])
    up = [Affine((Fraction(1 << 20),) * 3, (Fraction(zero << 20),) * 3) for zero in (5, -3)]
    nodes = [Node("x", Input((3,), codes)),
             Node("y", Rescale(np.array([1347483647]), np.array([1]), codes), ("x",))]
    for k, source in enumerate("xy"):
        nodes += [Node(f"up{k}", up[k], (source,)),
                  Node(f"r{k}", Rescale(np.array([multipliers[k]]), shift, word), (f"up{k}",))]
    last = Rescale(np.array([1717986918]), np.array([-18]), codes, 7)
    nodes += [Node("both", Add(), ("r0", "r1")), Node("out", last, ("both",))]
    graph = Graph("tflite", tuple(nodes)).check()
    lowered = lower(graph)
    x = np.repeat(np.arange(-128, 128)[:, None], 3, axis=1)
    assert np.array_equal(golden(lowered, x)["out"], evaluate(graph, x)["out"])
    total, = (n.op for n in lowered.nodes if isinstance(n.op, Sum))
    assert max(np.abs(total.a).max(), np.abs(total.b).max()) < 1 << 13
    assert (total.a > 1).all() == (multipliers[0] > 0)      # of codes that fall it is as it was
    assert simulate(graph, x[::25], engine="amaranth").matches == len(x[::25])


def test_signs_of_a_sum():
    """A quantizer whose one threshold is 0."""
    graph = meeting(Add(), Sign(), scales=(A, FAR))
    found = golden(lower(graph), SAMPLES)["b0"]
    assert np.array_equal(found, evaluate(graph, (SAMPLES - 2) * float(A))["b0"])


@pytest.mark.parametrize("op", [Add(), Join()], ids=["sum", "concatenation"])
def test_without_a_quantizer_behind_factors_are_wide(op):
    """In gates too; of steps that are too far apart there is no sum of at most 48 bits."""
    graph = meeting(op, scales=(A, FAR))
    run = simulate(graph, SAMPLES[::9], engine="amaranth")
    assert run.matches == len(SAMPLES[::9])
    want = evaluate(graph, SAMPLES[::9])["both"]
    assert np.allclose(run.y, want, rtol=1e-12, atol=0)
    for behind in ((), (Relu(),)):
        with pytest.raises(ModelError, match="only a far smaller step in common"):
            lower(meeting(op, *behind, scales=(A, FAR / (1 << 20))))
def test_branches_of_many_integers_are_refused():
    """Neither can be gone through."""
    scales = Fraction(1), FAR
    graph = Graph("wide", (
        Node("x", Input((1,), Int(-5000, 5000), scales[0])),
        Node("z", Input((1,), Int(-5000, 5000), scales[1])), Node("both", Add(), ("x", "z")),
        Node("y", Quantize(Int(0, 3), Fraction(1)), ("both",))))
    with pytest.raises(ModelError, match="Layer 'y': the scales of the inputs of 'both' have"):
        lower(graph)

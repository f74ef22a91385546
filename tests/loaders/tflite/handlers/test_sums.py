"""Operators on two tensors equal TensorFlow Lite Micro's kernels."""

import numpy as np
import pytest

import qhw

from ..compared import branches, exact, read
from ..networks import Made, answered, golden


def test_products_of_two_branches(tmp_path):
    """A gate of one number a channel, as squeeze and excitation has it, and a square."""
    rng, net = np.random.default_rng(2), Made()
    x = net.tensor((1, 4, 5, 3), scale=0.1, zero=-9)
    gate, gated = net.tensor((1, 1, 1, 3), scale=0.03, zero=20), net.tensor((1, 4, 5, 3), scale=0.2)
    square = net.tensor((1, 4, 5, 3), scale=1.1, zero=-128)
    net.op("MEAN", [x, net.constant([1, 2])], [gate], keep_dims=True)
    net.op("MUL", [x, gate], [gated])
    net.op("MUL", [gated, gated], [square], activation="RELU6")
    samples = rng.integers(-128, 128, (30, 1, 4, 5, 3)).astype(np.int8)
    ours, want = answered(net, x, square, samples, tmp_path)
    assert (ours == want).all()
    path = tmp_path / "squared.tflite"
    path.write_bytes(net.file([x], [square]))
    gates = qhw.simulate(qhw.load(path), samples[:2, 0], engine="amaranth", trace=True)
    assert gates.matches == 2 and (gates.y.ravel() == want[:2].ravel()).all()


@pytest.mark.parametrize(("op", "made"), [
    ("ADD", [5, -1, 63.5]), ("SUB", [-2, -4, 56.5]), ("MUL", [5.25, -3.75, 31.75]),
    ("MAXIMUM", [3.5, 1.5, 60]), ("MINIMUM", [1.5, -2.5, 3.5]), ("PRELU", [1.5, -3.75, 31.75])])
def test_a_constant_by_hand(op, made, tmp_path):
    """1.5, -2.5 and 60 with 3.5, 1.5 and 3.5, in halves; the largest code of quarters is 31.75."""
    net = Made()
    x, y = (net.tensor((1, 3), scale=s) for s in (0.5, 0.25 if op in ("MUL", "PRELU") else 0.5))
    k = net.tensor((1, 3), scale=0.5, data=[7, 3, 7])
    net.op(op, [x, k], [y])
    assert golden(net, x, y, [3, -5, 120], tmp_path).ravel().tolist() == made


@pytest.mark.parametrize("kind", ["INT8", "INT16"])
@pytest.mark.parametrize("op", ["MAXIMUM", "MINIMUM"])
def test_the_larger_of_codes_whatever_their_scales(op, kind, tmp_path):
    """The kernel compares codes, and does not look at scales."""
    net, x, made = branches(kind, (0.1, 0.3), (0, 0) if kind == "INT16" else (5, -9))
    y = net.tensor((1, 4, 6), kind, 0.2, 0 if kind == "INT16" else 7)
    net.op(op, made, [y])
    assert exact(net, x, [y], tmp_path)


@pytest.mark.parametrize("op", ["MAXIMUM", "ABS"])
def test_many_channels_of_16_bits_have_no_thresholds(op, tmp_path):
    net = Made()
    x, y = (net.tensor((1, 200), "INT16", 0.1) for _ in range(2))
    c = net.tensor((1, 200), "INT16", 0.1, 0, np.arange(-100, 100) * 300)
    net.op(op, [x, c] if op == "MAXIMUM" else [x], [y])
    assert exact(net, x, [y], tmp_path)
    graph, _ = read(net, x, [y], tmp_path)
    samples = np.random.default_rng(3).integers(-1 << 15, 1 << 15, (2, 200))
    assert qhw.simulate(graph, samples, engine="amaranth", trace=True).matches == 2


@pytest.mark.parametrize("activation", ["NONE", "RELU6"])
def test_products_of_branches_of_16_bits(activation, tmp_path):
    net, x, made = branches("INT16", (0.1, 0.0003), (0, 0))
    y = net.tensor((1, 4, 6), "INT16", 9.0)
    net.op("MUL", made, [y], activation=activation)
    assert exact(net, x, [y], tmp_path)
    graph, _ = read(net, x, [y], tmp_path)
    samples = np.random.default_rng(3).integers(-1 << 15, 1 << 15, (2, 4, 6))
    assert qhw.simulate(graph, samples, engine="amaranth", trace=True).matches == 2


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("kind", ["INT8", "INT16"])
def test_squares_of_differences(kind, turned, tmp_path):
    """Of two branches, and to a constant on either side."""
    net, x, made = branches(kind, (0.1, 0.13), (0, 0) if kind == "INT16" else (5, -9))
    rng, scale = np.random.default_rng(0), 90.0 if kind == "INT16" else 2.0
    y, z = (net.tensor((1, 4, 6), kind, scale, 0) for _ in range(2))
    net.op("SQUARED_DIFFERENCE", made, [y])
    c = net.tensor((6,), kind, 0.2, 0, rng.integers(-100, 100, 6))
    net.op("SQUARED_DIFFERENCE", [c, made[0]] if turned else [made[0], c], [z])
    assert exact(net, x, [y, z], tmp_path)


@pytest.mark.parametrize("zero", [0, 5])
def test_sums_of_three(zero, tmp_path):
    """The kernel subtracts a zero point too many."""
    net = Made()
    x, a, b = (net.tensor((1, 4, 6), scale=0.1, zero=zero) for _ in range(3))
    net.op("REVERSE_V2", [x, net.constant([1])], [a])
    net.op("REVERSE_V2", [x, net.constant([2])], [b])
    y = net.tensor((1, 4, 6), scale=0.17, zero=3)
    net.op("ADD_N", [x, a, b], [y])
    assert exact(net, x, [y], tmp_path)

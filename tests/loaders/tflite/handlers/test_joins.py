"""Joined, repeated and selected codes equal TensorFlow Lite Micro's."""

import numpy as np
import pytest

import qhw

from ..compared import branches, exact, read
from ..networks import Made, golden

pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")


def joined(kind, scales, zeros):
    net, x, made = branches(kind, scales, zeros)
    y = net.tensor((1, 8, 6), kind, 0.1, 0)
    net.op("CONCATENATION", made, [y], axis=1)
    return net, x, y


def test_only_the_kernel_of_16_bits_joins_codes_of_several_scales(tmp_path):
    net, x, y = joined("INT16", (0.1, 0.3), (0, 0))
    assert exact(net, x, [y], tmp_path)
    for scales, zeros in (((0.1, 0.3), (0, 0)), ((0.1, 0.1), (0, 3))):
        net, x, y = joined("INT8", scales, zeros)
        with pytest.raises(qhw.errors.ModelError, match="several scales"):
            exact(net, x, [y], tmp_path)


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1])
def test_a_new_dimension_joins_codes_of_any_scales(axis, tmp_path):
    """One of both is a constant."""
    rng, net = np.random.default_rng(3), Made()
    shape = [1, 4, 6]
    x, c = net.tensor(shape, scale=0.1, zero=3), net.tensor(
        shape, scale=0.2, zero=-3, data=rng.integers(-128, 128, shape))
    shape.insert(axis % 4, 2)
    y = net.tensor(shape, scale=0.3, zero=9)
    net.op("PACK", [x, c], [y], axis=axis, values_count=2)
    assert exact(net, x, [y], tmp_path)


def test_a_constant_part_of_a_join_in_gates(tmp_path):
    rng, net = np.random.default_rng(3), Made()
    x, y = net.tensor((1, 4, 6), scale=0.1, zero=3), net.tensor((1, 4, 8), scale=0.1, zero=3)
    c = net.tensor((1, 4, 2), scale=0.1, zero=3, data=rng.integers(-128, 128, (1, 4, 2)))
    net.op("CONCATENATION", [x, c], [y], axis=2)
    assert exact(net, x, [y], tmp_path)
    graph, _ = read(net, x, [y], tmp_path)
    samples = rng.integers(-128, 128, (2, 4, 6))
    assert qhw.simulate(graph, samples, engine="amaranth", trace=True).matches == 2


@pytest.mark.parametrize("axis", [1, 2, -1])
def test_parts_along_a_dimension(axis, tmp_path):
    """All of them, and one that is read while no output reads the others."""
    shape = (1, 3, 4)
    net, count = Made(), shape[axis]
    x = net.tensor(shape, scale=0.1, zero=3)
    kept = [n for k, n in enumerate(shape) if k != axis % 3]
    made = [net.tensor(kept, scale=0.1, zero=3) for _ in range(count)]
    net.op("UNPACK", [x], made, num=count, axis=axis)
    assert exact(net, x, made, tmp_path)
    assert exact(net, x, made[1:2], tmp_path)


@pytest.mark.parametrize(("op", "made", "constants", "options"), [
    ("GATHER", (1, 2, 4), [[2, 0]], {"axis": 1}),
    ("GATHER", (1, 3, 2, 2), [[[3, 1], [1, 2]]], {"axis": -1}),
    ("REVERSE_V2", (1, 3, 4), [[1]], {}), ("BROADCAST_TO", (1, 3, 4), [[1, 3, 4]], {}),
    ("STRIDED_SLICE", (1, 2, 3), [[0, 2, 3], [1, -4, 0], [1, -2, -1]], {})])
def test_selected_and_repeated_parts(op, made, constants, options, tmp_path):
    net = Made()
    given = (1, 1, 4) if op == "BROADCAST_TO" else (1, 3, 4)
    x, y = net.tensor(given, scale=0.1, zero=3), net.tensor(made, scale=0.1, zero=3)
    net.op(op, [x, *map(net.constant, constants)], [y], **options)
    assert exact(net, x, [y], tmp_path)


@pytest.mark.parametrize(("shape", "axis"), [((1, 9), 1), ((1, 9, 3), 1), ((1, 3, 9), 2)])
def test_many_parts_are_read_from_a_memory(shape, axis, tmp_path):
    net = Made()
    x, y = (net.tensor(shape, scale=0.1, zero=3) for _ in range(2))
    net.op("REVERSE_V2", [x, net.constant([axis])], [y])
    assert exact(net, x, [y], tmp_path)
    graph, _ = read(net, x, [y], tmp_path)
    assert sum(n.op.kind == "reorder" for n in graph.nodes) == 1
    samples = np.random.default_rng(3).integers(-128, 128, (2, *shape[1:]))
    assert qhw.simulate(graph, samples, engine="amaranth", trace=True).matches == 2


def test_tiles_are_repeated(tmp_path):
    """The kernels have no such operator."""
    net, codes = Made(), np.arange(24).reshape(2, 3, 4)
    x, y = net.tensor((1, 2, 3, 4), scale=1.0), net.tensor((1, 4, 3, 8), scale=1.0)
    net.op("TILE", [x, net.constant([1, 2, 1, 2])], [y])
    assert (golden(net, x, y, codes, tmp_path).ravel() == np.tile(codes, (2, 1, 2)).ravel()).all()

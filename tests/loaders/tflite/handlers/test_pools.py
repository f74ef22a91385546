"""Pools and reductions equal TensorFlow Lite Micro's kernels."""

import numpy as np
import pytest

import qhw
from qhw.simulators.golden import evaluate

from ..compared import exact
from ..networks import Made, answered, golden


@pytest.mark.parametrize("op", ["REDUCE_MAX", "REDUCE_MIN"])
def test_the_largest_and_least_of_an_image(op, tmp_path):
    rng, net = np.random.default_rng(2), Made()
    x, y = net.tensor((1, 4, 5, 3), scale=0.1, zero=-9), net.tensor((1, 3), scale=0.1, zero=-9)
    net.op(op, [x, net.constant([1, 2])], [y])
    samples = rng.integers(-128, 128, (30, 1, 4, 5, 3)).astype(np.int8)
    if op == "REDUCE_MIN":      # the other side has no such kernel
        path = tmp_path / "n.tflite"
        path.write_bytes(net.file([x], [y]))
        graph = qhw.load(path)
        found = evaluate(graph, samples[:, 0])[graph.output.name]
        assert np.allclose(found, np.float32(0.1) * (samples[:, 0].min(axis=(1, 2)) + 9.0))
        return
    ours, want = answered(net, x, y, samples, tmp_path)
    assert (ours == want).all()


@pytest.mark.parametrize("shape", [(), (1,)])
def test_a_result_without_dimensions_is_one_element(shape, tmp_path):
    rng, net = np.random.default_rng(2), Made()
    x, y = net.tensor((1, 6), scale=0.1, zero=5), net.tensor(shape, scale=0.03)
    net.op("MEAN", [x, net.constant([1] if shape else [0, 1])], [y])
    samples = rng.integers(-128, 128, (9, 1, 6)).astype(np.int8)
    ours, want = answered(net, x, y, samples, tmp_path)
    assert (ours == want).all()


def test_means_whose_sums_leave_the_32_bits_of_the_kernel_are_refused(tmp_path):
    net = Made()
    x, y = net.tensor((1, 12, 5), "INT16", 1.0), net.tensor((1, 5), "INT16", 1e-5)
    net.op("MEAN", [x, net.constant([1])], [y])
    (tmp_path / "n.tflite").write_bytes(net.file([x], [y]))
    with pytest.raises(qhw.errors.ModelError, match="32 bits"):
        qhw.load(tmp_path / "n.tflite")


def test_means_and_maxima_by_hand(tmp_path):
    """A window over the edge counts the image's pixels alone; 4.5 is rounded away from zero."""
    image, made = [[1, 2, 3], [4, 5, 6], [7, 8, 9]], {}
    for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        net = Made()
        x, y = (net.tensor((1, n, n, 1), scale=1.0) for n in (3, 2))
        net.op(op, [x], [y], padding=0, stride_w=2, stride_h=2, filter_width=2, filter_height=2)
        made[op] = golden(net, x, y, np.reshape(image, (3, 3, 1)), tmp_path).ravel().tolist()
    assert made == {"AVERAGE_POOL_2D": [3, 5, 8, 9], "MAX_POOL_2D": [5, 6, 8, 9]}


@pytest.mark.parametrize(("op", "made"), [
    ("SUM", [9, -6]), ("MEAN", [3, -2]), ("REDUCE_MAX", [6, -1]), ("REDUCE_MIN", [1, -3])])
def test_reductions_by_hand(op, made, tmp_path):
    """Of three rows, in steps of 1 from 5."""
    net = Made()
    x, y = net.tensor((1, 3, 2), scale=1.0, zero=5), net.tensor((1, 2), scale=1.0, zero=5)
    net.op(op, [x, net.constant([1])], [y])
    rows = np.array([[1, -1], [2, -2], [6, -3]]) + 5
    assert golden(net, x, y, rows, tmp_path).ravel().tolist() == made


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("op", ["MEAN", "SUM", "REDUCE_MAX"])
@pytest.mark.parametrize("axes", [[1, 3], [2], [3], [1, 2, 3], [0, 2], [-1, 1]])
def test_reductions_over_any_dimensions(axes, op, keep, tmp_path):
    shape, largest = (1, 4, 3, 5), op == "REDUCE_MAX"
    gone = [a % 4 for a in axes]
    kept = [1 if k in gone else n for k, n in enumerate(shape) if keep or k not in gone]
    net = Made()
    x, y = net.tensor(shape, scale=0.1, zero=3), net.tensor(
        kept, scale=0.1 if largest else 0.13, zero=3 if largest else -5)
    net.op(op, [x, net.constant(axes)], [y], keep_dims=keep)
    assert exact(net, x, [y], tmp_path)

"""Layers with weights equal TensorFlow Lite Micro's, and what its kernels would misread is
refused."""

import numpy as np
import pytest

import qhw
from qhw.loaders.tflite.schema import TYPES

from ..compared import exact
from ..networks import Made, answered, refused


def test_weights_of_four_bits(tmp_path):
    rng, net = np.random.default_rng(3), Made()
    x, y = net.tensor((1, 9), scale=0.1, zero=5), net.tensor((1, 5), scale=0.4, zero=-9)
    w = net.tensor((5, 9), "INT4", 0.11, 0, rng.integers(-8, 8, (5, 9)))
    net.op("FULLY_CONNECTED", [x, w], [y])
    samples = rng.integers(-128, 128, (50, 1, 9)).astype(np.int8)
    ours, want = answered(net, x, y, samples, tmp_path)
    assert (ours == want).all()


@pytest.mark.parametrize("kind", ["INT8", "INT16"])
@pytest.mark.parametrize(("seen", "given", "turned"), [
    ((1, 4, 6), (6, 3), False), ((1, 4, 6), (1, 6, 3), False), ((1, 4, 6), (1, 3, 6), True),
    ((1, 2, 4, 6), (6, 3), False), ((1, 6), (1, 6, 3), False)])
def test_rows_times_a_constant_matrix(seen, given, turned, kind, tmp_path):
    """The product of both scales is one of single precision."""
    net, zero = Made(), 5 * (kind == "INT8")
    x = net.tensor(seen, kind, 0.1013, zero)
    w = net.tensor(given, kind, 0.0237, -zero, np.random.default_rng(0).integers(-99, 99, given))
    y = net.tensor((*(1,) * max(len(given) - len(seen), 0), *seen[:-1], 3), kind,
                   1.1 if zero else 200.0, -zero)
    net.op("BATCH_MATMUL", [x, w], [y], adj_y=turned)
    assert exact(net, x, [y], tmp_path, samples=40)


def test_products_of_two_computed_matrices_are_refused(tmp_path):
    net = Made()
    x, y = (net.tensor((1, 4, 4), scale=0.1) for _ in range(2))
    net.op("BATCH_MATMUL", [x, x], [y])
    refused(tmp_path, net.file([x], [y]), "two computed matrices, as attention")


def biased(op, type, bias):
    """A layer with weights of activations of a type, and biases of another or none."""
    rng, net = np.random.default_rng(2), Made()
    seen, shape, made, more = {
        "FULLY_CONNECTED": ((1, 40), (8, 40), (1, 8), {}),
        "CONV_2D": ((1, 6, 6, 4), (5, 3, 3, 4), (1, 6, 6, 5), {"stride_w": 1, "stride_h": 1}),
        "DEPTHWISE_CONV_2D": ((1, 6, 6, 4), (1, 3, 3, 4), (1, 6, 6, 4), {
            "stride_w": 1, "stride_h": 1, "multiplier": 1}),
        "TRANSPOSE_CONV": ((1, 3, 3, 4), (5, 2, 2, 4), (1, 6, 6, 5), {
            "stride_w": 2, "stride_h": 2})}[op]
    x, y = net.tensor(seen, type, 0.001), net.tensor(made, type, 0.0037)
    w = net.tensor(shape, scale=0.02, data=rng.integers(-128, 128, shape))
    values = rng.integers(-9000, 9000, made[-1])
    biases = [net.constant(values, bias, scale=0.00002)] if bias else []
    first = [net.constant(made), w, x] if op == "TRANSPOSE_CONV" else [x, w]
    net.op(op, [*first, *biases], [y], **more)
    return net, x, y, rng.integers(-1 << 15, 1 << 15, (20, *seen)).astype(np.int16)


LAYERS = ["FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV"]


@pytest.mark.parametrize("bias", [None, "INT64"])
@pytest.mark.parametrize("op", LAYERS)
def test_layers_of_16_bits_round_once_without_a_bias_too(op, bias, tmp_path):
    net, x, y, samples = biased(op, "INT16", bias)
    ours, want = answered(net, x, y, samples, tmp_path)
    assert (ours == want).all()


@pytest.mark.parametrize("bias_type", ["FLOAT32", "INT32", "INT64"])
@pytest.mark.parametrize("op", [op for op in LAYERS if op != "DEPTHWISE_CONV_2D"])
def test_the_type_of_a_bias_that_is_left_out(op, bias_type, tmp_path):
    """With 32 bits kernels that read either type round twice."""
    net, x, y, samples = biased(op, "INT16", None)
    net.nodes[-1][3]["bias_type"] = TYPES.index(bias_type)
    ours, want = answered(net, x, y, samples, tmp_path)
    assert (ours == want).all()


@pytest.mark.parametrize(("op", "type", "bias"), [
    *((op, "INT8", "INT64") for op in LAYERS), *((op, "INT16", "INT32") for op in LAYERS[2:])])
def test_biases_that_the_kernel_reads_as_another_type_are_refused(op, type, bias, tmp_path):
    net, x, y, _ = biased(op, type, bias)
    (tmp_path / "n.tflite").write_bytes(net.file([x], [y]))
    with pytest.raises(qhw.errors.ModelError, match=f"bias is of type {bias}"):
        qhw.load(tmp_path / "n.tflite")


def test_rows_of_a_dense_layer_and_rows_that_a_resize_leaves_out(tmp_path):
    """The first have no batch of 1; of the second the file has fewer than the input."""
    rng, net = np.random.default_rng(2), Made()
    x, kept = net.tensor((1, 4, 4, 2), scale=0.1), net.tensor((1, 3, 4, 2), scale=0.1)
    net.op("RESIZE_NEAREST_NEIGHBOR", [x, net.constant([3, 4])], [kept])
    w, y = net.tensor((3, 8), scale=0.02, data=rng.integers(-128, 128, (3, 8))), net.tensor(
        (3, 3), scale=0.5)
    net.op("FULLY_CONNECTED", [kept, w], [y])
    samples = rng.integers(-128, 128, (9, 1, 4, 4, 2)).astype(np.int8)
    for last in (kept, y):
        ours, want = answered(net, x, last, samples, tmp_path)
        assert (ours == want).all()


def test_zero_points_of_weights_that_the_kernel_leaves_out_are_refused(tmp_path):
    net = Made()
    x, y = net.tensor((1, 4, 4, 2), scale=0.1), net.tensor((1, 4, 4, 1), scale=0.5)
    w = net.tensor((1, 1, 1, 2), scale=0.1, zero=7, data=[3, -5])
    net.op("CONV_2D", [x, w], [y], stride_w=1, stride_h=1)
    (tmp_path / "n.tflite").write_bytes(net.file([x], [y]))
    with pytest.raises(qhw.errors.ModelError, match="zero points"):
        qhw.load(tmp_path / "n.tflite")

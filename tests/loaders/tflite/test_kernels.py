"""Every 8-bit code of every curve equals TensorFlow Lite Micro's kernels."""

import numpy as np
import pytest

import qhw

from .networks import EVERY, Made, answered, refused


@pytest.mark.parametrize("zero", [-128, -3, 0, 127])
@pytest.mark.parametrize("scale", [0.001, 0.0123, 0.03125, 0.11, 0.9, 7.7])
@pytest.mark.parametrize(("op", "made", "options"), [
    ("LOGISTIC", (1 / 256, -128), {}), ("TANH", (1 / 128, 0), {}),
    ("LEAKY_RELU", (0.07, 11), {"alpha": 0.2}), ("LEAKY_RELU", (0.2, -90), {"alpha": -1.3}),
    ("HARD_SWISH", (None, -20), {}), ("RELU", (0.05, -100), {}), ("ABS", (0.04, -100), {}),
    ("ELU", (0.03, -90), {}), ("L2_NORMALIZATION", (1 / 128, 0), {}),
    ("SOFTMAX", (1 / 256, -128), {"beta": 1.0}), ("LOG_SOFTMAX", (1 / 16, 127), {})])
def test_every_code_of_every_curve(op, made, options, scale, zero, tmp_path):
    net = Made()
    x = net.tensor((1, 256), scale=scale, zero=zero)
    y = net.tensor((1, 256), "INT8", made[0] or scale * 1.3, made[1])
    net.op(op, [x], [y], **options)
    ours, want = answered(net, x, y, EVERY, tmp_path)
    assert (ours == want).all()


@pytest.mark.parametrize("beta", [0.1, 1.0, 3.0])
def test_softmax_of_random_rows(beta, tmp_path):
    rng, net = np.random.default_rng(0), Made()
    x, y = net.tensor((1, 7), scale=0.13, zero=4), net.tensor((1, 7), scale=1 / 256, zero=-128)
    net.op("SOFTMAX", [x], [y], beta=beta)
    samples = rng.integers(-128, 128, (200, 1, 7)).astype(np.int8)
    ours, want = answered(net, x, y, samples, tmp_path)
    assert (ours == want).all()


@pytest.mark.parametrize("scale", [0.0002, 0.0123, 0.11, 7.7])
@pytest.mark.parametrize(("made", "zero"), [(0.01, -128), (0.3, 5), (2.0, -20)])
def test_every_code_of_inverse_roots(scale, made, zero, tmp_path):
    net = Made()
    x, y = net.tensor((1, 256), scale=scale, zero=-128), net.tensor((1, 256), scale=made, zero=zero)
    net.op("RSQRT", [x], [y])
    ours, want = answered(net, x, y, EVERY, tmp_path)
    assert (ours == want).all()


def test_roots_of_negative_numbers_are_refused(tmp_path):
    net = Made()
    x, y = net.tensor((1, 8), scale=0.1, zero=-127), net.tensor((1, 8), scale=0.1)
    net.op("RSQRT", [x], [y])
    refused(tmp_path, net.file([x], [y]), "can be negative")


@pytest.mark.parametrize(("size", "scale", "zero"), [(3, 8.0, 3), (300, 0.1, -20),
                                                     (30000, 0.1, -128)])
def test_rows_of_length_1(size, scale, zero, tmp_path):
    """Of short and long rows; the squares of the last have 29 bits."""
    net = Made()
    x, q, y = (net.tensor((1, 2, size), scale=s, zero=z) for s, z in (
        (0.1, zero), (scale, zero), (1 / 128, 0)))
    net.op("QUANTIZE", [x], [q])
    net.op("L2_NORMALIZATION", [q], [y])
    samples = np.random.default_rng(0).integers(-128, 128, (5, 1, 2, size)).astype(np.int8)
    ours, want = answered(net, x, y, samples, tmp_path)
    assert (ours == want).all()


@pytest.mark.parametrize("scale", [0.01, 0.1, 0.3, 1.0])
def test_sigmoids_of_real_numbers(scale, tmp_path):
    net = Made()
    x, real, y = net.tensor((1, 256), scale=scale, zero=3), *(
        net.tensor((1, 256), "FLOAT32") for _ in range(2))
    net.op("DEQUANTIZE", [x], [real])
    net.op("LOGISTIC", [real], [y])
    ours, want = answered(net, x, y, EVERY, tmp_path)
    assert (ours.astype(np.float32) == want.astype(np.float32)).all()


@pytest.mark.parametrize(("op", "type", "scale", "made", "options"), [
    ("LEAKY_RELU", "INT8", 1.0, 1.0, {"alpha": 1e8}), ("HARD_SWISH", "INT8", 1e-8, 1e-8, {}),
    ("LEAKY_RELU", "INT16", 1.0, 1.0, {"alpha": 1e6}), ("HARD_SWISH", "INT8", 1e8, 1e8, {}),
    ("LOGISTIC", "INT16", 30.0, 1 / 32768, {}), ("SOFTMAX", "INT16", 30.0, 1 / 32768, {"beta": 1}),
    ("RELU6", "INT16", 1e-9, 1e-9, {}), ("TANH", "INT8", 1e20, 1 / 128, {}),
    ("LEAKY_RELU", "INT8", 1.0, 1.0, {"alpha": np.nan}), ("RELU", "INT8", 1e-45, 1e-45, {})])
def test_scales_with_which_the_kernel_leaves_its_bits_are_refused(op, type, scale, made, options,
                                                                  tmp_path):
    net = Made()
    x, y = (net.tensor((1, 8), type, s) for s in (scale, made))
    net.op(op, [x], [y], **options)
    (tmp_path / "n.tflite").write_bytes(net.file([x], [y]))
    with pytest.raises(qhw.errors.ModelError, match=r"scale|32 bits|option alpha"):
        qhw.load(tmp_path / "n.tflite")

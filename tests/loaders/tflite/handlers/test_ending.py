"""Between real numbers and codes, as TensorFlow Lite Micro's kernels have it."""

import numpy as np
import pytest

from ..networks import EVERY, Made, answered, refused


def test_real_samples_are_quantized_in_single_precision(tmp_path):
    """Ties, their neighbours, and numbers beyond the codes."""
    net = Made()
    x, y = net.tensor((1, 600), "FLOAT32"), net.tensor((1, 600), scale=0.0235179, zero=-17)
    net.op("QUANTIZE", [x], [y])
    z = net.tensor((1, 600), scale=0.05, zero=3)
    net.op("QUANTIZE", [y], [z])
    ties = (np.arange(-150, 150, dtype=np.float32) + np.float32(0.5)) * np.float32(0.0235179)
    near = [np.nextafter(ties, np.float32(s), dtype=np.float32) for s in (-np.inf, np.inf)]
    samples = np.array([np.concatenate([ties, near[0]]), np.concatenate([near[1], ties * 3])])
    ours, want = answered(net, x, z, samples[:, None].astype(np.float32), tmp_path)
    assert (ours == want).all()


@pytest.mark.parametrize(("kinds", "zeros"), [(("UINT8", "INT8"), (128, 0)),
                                              (("INT8", "UINT8"), (-7, 30))])
def test_bytes_without_a_sign(kinds, zeros, tmp_path):
    net = Made()
    x, y = (net.tensor((1, 256), k, s, z) for k, s, z in zip(kinds, (0.1, 0.17), zeros,
                                                            strict=True))
    net.op("QUANTIZE", [x], [y])
    samples = EVERY.view(np.uint8) if kinds[0] == "UINT8" else EVERY
    ours, want = answered(net, x, y, samples, tmp_path)
    assert (ours == want).all()


@pytest.mark.parametrize("scale", [1 / 65536, 1 / 65535])
def test_a_softmax_in_16_bits_and_codes_of_32_bits_behind_it(scale, tmp_path):
    """As a network for sound has it at its end; the kernel takes scales that are nearly its own."""
    net = Made()
    x = net.tensor((1, 8), scale=0.07, zero=2)
    y = net.tensor((1, 8), "INT16", scale, -32768)
    z = net.tensor((1, 8), "INT32", 1 / 32767)
    net.op("SOFTMAX", [x], [y], beta=1.0)
    net.op("QUANTIZE", [y], [z])
    samples = np.random.default_rng(0).integers(-128, 128, (32, 1, 1, 8)).astype(np.int8)
    ours, want = answered(net, x, z, samples[:, 0], tmp_path)
    assert (ours == want).all() and len(np.unique(want)) > 100


@pytest.mark.parametrize("kind", ["FLOAT16", "INT8"])
def test_weights_that_become_real_are_refused(kind, tmp_path):
    net = Made()
    x, real = net.tensor((1, 4), scale=0.1), net.tensor((3, 4), "FLOAT32")
    w, y = net.tensor((3, 4), kind, 0.1, data=np.ones((3, 4))), net.tensor((1, 3), scale=0.1)
    net.op("DEQUANTIZE", [w], [real])
    net.op("FULLY_CONNECTED", [x, real], [y])
    refused(tmp_path, net.file([x], [y]), f"DEQUANTIZE.*real weights of {kind} .* floating point")

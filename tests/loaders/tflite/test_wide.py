"""Every 16-bit code of every curve equals TensorFlow Lite Micro's kernels."""

import numpy as np
import pytest

from .networks import WIDE, Made, answered


@pytest.mark.parametrize("scale", [1 / 4096, 1 / 2048, 0.000123, 0.0031])
@pytest.mark.parametrize("op", ["LOGISTIC", "TANH"])
def test_every_code_of_curves_of_16_bits(op, scale, tmp_path):
    net = Made()
    x, y = (net.tensor(WIDE.shape[1:], "INT16", s) for s in (scale, 1 / 32768))
    net.op(op, [x], [y])
    ours, want = answered(net, x, y, WIDE, tmp_path)
    assert (ours == want).all()


@pytest.mark.parametrize(("scale", "beta"), [(1 / 4096, 1.0), (0.0007, 0.5), (0.0001, 1.0)])
def test_softmax_of_16_bits(scale, beta, tmp_path):
    rng, net = np.random.default_rng(0), Made()
    x, y = net.tensor((1, 9), "INT16", scale), net.tensor((1, 9), "INT16", 1 / 32768)
    net.op("SOFTMAX", [x], [y], beta=beta)
    samples = (rng.integers(-32768, 32768, (300, 1, 9)) // rng.integers(1, 50, (300, 1, 1)))
    ours, want = answered(net, x, y, samples.astype(np.int16), tmp_path)
    assert (ours == want).all()

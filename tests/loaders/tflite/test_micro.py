"""Random networks, and every code of every curve, equal TensorFlow Lite Micro's kernels."""

import numpy as np
import pytest

import qhw
from qhw.simulators.golden import evaluate
from sim.proof.tflites import Made, answers, compared, network

pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
EACH = 20
EVERY = np.arange(-128, 128, dtype=np.int8).reshape(1, 1, 256)


@pytest.mark.parametrize("first", range(0, 300, EACH))
def test_random_networks_are_exact(first, tmp_path):
    """A few are refused by the other side, or reach integers that its 32 bits cannot hold."""
    exact = 0
    for seed in range(first, first + EACH):
        data, x, ops = network(seed)
        try:
            assert compared(data, x, tmp_path / "n.tflite") == 0, (seed, ops)
        except (RuntimeError, qhw.errors.ModelError):
            continue
        exact += 1
    assert exact >= EACH - 2


def answered(made, first, last, x, tmp_path):
    """Codes of our golden and of the kernels."""
    data, path = made.file([first], [last]), tmp_path / "n.tflite"
    path.write_bytes(data)
    graph = qhw.load(path)
    y = evaluate(graph, x[:, 0])[graph.output.name]
    tensor = made.tensors[last]
    want = float(np.float32(tensor["scale"])) * (answers(data, x).astype(float) - tensor["zero"])
    return y.reshape(want.shape), want


@pytest.mark.parametrize("zero", [-128, -3, 0, 127])
@pytest.mark.parametrize("scale", [0.001, 0.0123, 0.03125, 0.11, 0.9, 7.7])
@pytest.mark.parametrize(("op", "made", "options"), [
    ("LOGISTIC", (1 / 256, -128), {}), ("TANH", (1 / 128, 0), {}),
    ("LEAKY_RELU", (0.07, 11), {"alpha": 0.2}), ("LEAKY_RELU", (0.2, -90), {"alpha": -1.3}),
    ("HARD_SWISH", (None, -20), {}), ("RELU", (0.05, -100), {}),
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


def test_weights_of_four_bits(tmp_path):
    rng, net = np.random.default_rng(3), Made()
    x, y = net.tensor((1, 9), scale=0.1, zero=5), net.tensor((1, 5), scale=0.4, zero=-9)
    w = net.tensor((5, 9), "INT4", 0.11, 0, rng.integers(-8, 8, (5, 9)))
    net.op("FULLY_CONNECTED", [x, w], [y])
    samples = rng.integers(-128, 128, (50, 1, 9)).astype(np.int8)
    ours, want = answered(net, x, y, samples, tmp_path)
    assert (ours == want).all()

"""Networks of many operators equal TensorFlow Lite Micro's kernels."""

import numpy as np
import pytest

import qhw
from qhw.lower import lower
from qhw.simulators.golden import evaluate, host

from .networks import Made, tflites

pytest.importorskip("tflite_micro", reason="TensorFlow Lite Micro is not installed")
EACH = 20


@pytest.mark.parametrize("first", range(0, 300, EACH))
def test_random_networks_are_exact(first, tmp_path):
    """A few are refused by the other side, or reach integers that its 32 bits cannot hold."""
    exact = 0
    for seed in range(first, first + EACH):
        data, x, ops = tflites.network(seed)
        try:
            assert tflites.compared(data, x, tmp_path / "n.tflite") == 0, (seed, ops)
        except (RuntimeError, qhw.errors.ModelError):
            continue
        exact += 1
    assert exact >= EACH - 2


def test_several_inputs_are_one_vector(tmp_path):
    from tflite_micro import runtime

    rng, net = np.random.default_rng(2), Made()
    a, b = net.tensor((1, 3, 2), scale=0.1, zero=5), net.tensor((1, 6), scale=0.2, zero=-7)
    flat, y = net.tensor((1, 6), scale=0.1, zero=5), net.tensor((1, 6), scale=0.3)
    net.op("RESHAPE", [a, net.constant([1, 6])], [flat], new_shape=[1, 6])
    net.op("SUB", [flat, b], [y])
    data, path = net.file([a, b], [y]), tmp_path / "n.tflite"
    path.write_bytes(data)
    graph, kernels = qhw.load(path), runtime.Interpreter.from_bytes(data)
    x = rng.integers(-128, 128, (20, 12)).astype(np.int8)
    found = evaluate(graph, x)[graph.output.name]
    for sample, ours in zip(x, found, strict=True):
        kernels.set_input(sample[:6].reshape(1, 3, 2), 0)
        kernels.set_input(sample[6:].reshape(1, 6), 1)
        kernels.invoke()
        assert (kernels.get_output(0)[0] * float(np.float32(0.3)) == ours).all()


def test_the_host_requantizes_what_it_computed(tmp_path):
    """As wake words end: the codes before the sigmoid are the hardware's."""
    rng, net = np.random.default_rng(2), Made()
    x, y = net.tensor((1, 6), scale=0.1, zero=5), net.tensor((1, 3), scale=0.05, zero=7)
    net.op("FULLY_CONNECTED", [x, net.tensor((3, 6), scale=0.02, data=rng.integers(
        -128, 128, (3, 6)))], [y])
    s, z = net.tensor((1, 3), scale=1 / 256, zero=-128), net.tensor((1, 3), "UINT8", 1 / 256, 0)
    net.op("LOGISTIC", [y], [s])
    net.op("QUANTIZE", [s], [z])
    data, path = net.file([x], [z]), tmp_path / "n.tflite"
    path.write_bytes(data)
    lowered = lower(qhw.load(path))
    samples = rng.integers(-128, 128, (50, 1, 6)).astype(np.int8)
    codes = evaluate(lowered.hardware, samples[:, 0])[lowered.hardware.output.name]
    assert lowered.hardware.output.name == "tensor_1"
    assert (host(lowered, codes) * 256 == tflites.answers(data, samples)[:, 0]).all()

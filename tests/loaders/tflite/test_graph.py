"""Networks of many operators equal TensorFlow Lite Micro's kernels."""

import numpy as np
import pytest

import qhw
from qhw.lower import lower
from qhw.simulators.golden import evaluate, host

from .networks import Made, refused, tflites

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


def test_real_inputs_are_quantized_one_by_one(tmp_path):
    """Beside one of codes; ties, and numbers beyond the codes. Integers are codes behind
    quantizers."""
    from tflite_micro import runtime

    rng, net = np.random.default_rng(2), Made()
    shape = (1, 8)
    reals = [net.tensor(shape, "FLOAT32") for _ in range(2)]
    codes = [net.tensor(shape, scale=s, zero=z) for s, z in ((0.0235, 5), (0.7, -20), (0.1, 3))]
    for real, code in zip(reals, codes, strict=False):
        net.op("QUANTIZE", [real], [code])
    one, y = net.tensor(shape, scale=0.9, zero=3), net.tensor(shape, scale=0.9)
    net.op("ADD", codes[:2], [one])
    net.op("ADD", [one, codes[2]], [y])
    ends = [reals[0], codes[2], reals[1]]
    data, path = net.file(ends, [y]), tmp_path / "n.tflite"
    path.write_bytes(data)
    graph, kernels = qhw.load(path), runtime.Interpreter.from_bytes(data)
    a, c = ((rng.integers(-200, 200, (20, 8)) + 0.5).astype(np.float32) * np.float32(s)
            for s in (0.0235, 0.7))
    b = rng.integers(-128, 128, (20, 8)).astype(np.int8)
    x = np.concatenate([a, np.float32(0.1) * (b - np.float32(3)), c], axis=1)
    found = evaluate(graph, x)
    for k in range(20):
        for number, value in enumerate((a, b, c)):
            kernels.set_input(value[k:k + 1], number)
        kernels.invoke()
        want = float(np.float32(0.9)) * kernels.get_output(0)[0].astype(float)
        assert (want == found[graph.output.name][k]).all()
    again = evaluate(graph, found["inputs"])
    assert (again[graph.output.name] == found[graph.output.name]).all()


@pytest.mark.parametrize("op", ["ABS", "QUANTIZE"])
def test_a_real_input_that_others_read_too_is_refused(op, tmp_path):
    net = Made()
    a, b = net.tensor((1, 4), "FLOAT32"), net.tensor((1, 4), scale=0.1)
    codes, other = net.tensor((1, 4), scale=0.1), net.tensor(
        (1, 4), *(("INT8", 0.2) if op == "QUANTIZE" else ("FLOAT32",)))
    net.op("QUANTIZE", [a], [codes])
    net.op(op, [a], [other])
    refused(tmp_path, net.file([a, b], [codes, other]), "is real-valued, and other operators")
    refused(tmp_path, net.file([a], [codes, other]), "quantized already|real-valued")


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

"""Networks of bytes without a sign, for which TensorFlow Lite Micro has no kernels, equal LiteRT's
reference kernels."""

import numpy as np
import pytest

import qhw
from qhw.simulators.golden import evaluate
from sim.proof.tflites import Made

litert = pytest.importorskip("ai_edge_litert.interpreter", reason="LiteRT is not installed")


def weighted(kind, rng):
    """A layer of random scales and zero points, weights' zero points among them."""
    net, (inputs, outputs) = Made(), rng.integers(1, 5, 2).tolist()
    x = net.tensor((1, 6, 7, inputs), "UINT8", float(rng.uniform(.01, .1)), int(rng.integers(256)))
    shape, made, options = {
        "CONV_2D": ((outputs, 3, 3, inputs), (1, 3, 4, outputs), {
            "stride_w": 2, "stride_h": 2, "activation": "RELU6"}),
        "DEPTHWISE_CONV_2D": ((1, 3, 3, inputs), (1, 6, 7, inputs), {
            "stride_w": 1, "stride_h": 1, "multiplier": 1}),
        "FULLY_CONNECTED": ((outputs, 42 * inputs), (1, outputs), {})}[kind]
    scale, count = np.float32(rng.uniform(.002, .05)), made[-1]
    w = net.tensor(shape, "UINT8", scale, int(rng.integers(256)), rng.integers(0, 256, shape))
    b = net.tensor((count,), "INT32", np.float32(net.tensors[x]["scale"]) * scale, 0,
                   rng.integers(-2000, 2000, count))
    y = net.tensor(made, "UINT8", float(rng.uniform(.2, 4)), int(rng.integers(256)), name="made")
    net.op(kind, [x, w, b], [y], **options)
    return net.file([x], [y]), rng.integers(0, 256, (6, 1, 6, 7, inputs)).astype(np.uint8)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"])
def test_bytes_without_a_sign(kind, seed, tmp_path):
    data, x = weighted(kind, np.random.default_rng(seed))
    (tmp_path / "n.tflite").write_bytes(data)
    found = evaluate(qhw.load(tmp_path / "n.tflite"), x[:, 0])["made"]
    kernels = litert.Interpreter(
        model_content=data, experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF)
    kernels.allocate_tensors()
    (given,), (made,) = kernels.get_input_details(), kernels.get_output_details()
    for sample, ours in zip(x, found, strict=True):
        kernels.set_tensor(given["index"], sample)
        kernels.invoke()
        assert (kernels.get_tensor(made["index"])[0] == ours).all()


def test_pads_of_dealt_pixels_are_zero_points(tmp_path):
    """TensorFlow Lite Micro leaves them to what its memory holds."""
    net = Made()
    x, y = net.tensor((1, 6, 5, 2), scale=0.1, zero=3), net.tensor((4, 4, 4, 2), scale=0.1, zero=3)
    net.op("SPACE_TO_BATCH_ND", [x, *map(net.constant, ([2, 2], [[1, 1], [1, 2]]))], [y])
    data = net.file([x], [y])
    (tmp_path / "n.tflite").write_bytes(data)
    graph = qhw.load(tmp_path / "n.tflite")
    sample = np.random.default_rng(0).integers(-128, 128, (1, 6, 5, 2)).astype(np.int8)
    ours = evaluate(graph, sample)[graph.output.name].ravel()
    kernels = litert.Interpreter(
        model_content=data, experimental_op_resolver_type=litert.OpResolverType.BUILTIN_REF)
    kernels.allocate_tensors()
    kernels.set_tensor(kernels.get_input_details()[0]["index"], sample)
    kernels.invoke()
    want = kernels.get_tensor(kernels.get_output_details()[0]["index"]).ravel()
    assert (ours == float(np.float32(0.1)) * (want - 3.0)).all()

"""Random networks, and every code of every curve, equal TensorFlow Lite Micro's kernels."""

import numpy as np
import pytest

import qhw
from qhw.lower import lower
from qhw.simulators.golden import evaluate, host
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


WIDE = np.arange(-32768, 32768, dtype=np.int16).reshape(1, 1, 1 << 16)


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


@pytest.mark.parametrize("alpha", [0.1, -0.7, 3.0])
def test_leaky_rectifiers_of_16_bits(alpha, tmp_path):
    net = Made()
    x, y = (net.tensor(WIDE.shape[1:], "INT16", s) for s in (0.001, 0.0013))
    net.op("LEAKY_RELU", [x], [y], alpha=alpha)
    ours, want = answered(net, x, y, WIDE, tmp_path)
    assert (ours == want).all()


def test_products_of_two_branches(tmp_path):
    """A gate of one number a channel, as squeeze and excitation has it, and a square."""
    rng, net = np.random.default_rng(2), Made()
    x = net.tensor((1, 4, 5, 3), scale=0.1, zero=-9)
    gate, gated = net.tensor((1, 1, 1, 3), scale=0.03, zero=20), net.tensor((1, 4, 5, 3), scale=0.2)
    square = net.tensor((1, 4, 5, 3), scale=1.1, zero=-128)
    net.op("MEAN", [x, net.constant([1, 2])], [gate], keep_dims=True)
    net.op("MUL", [x, gate], [gated])
    net.op("MUL", [gated, gated], [square], activation="RELU6")
    samples = rng.integers(-128, 128, (30, 1, 4, 5, 3)).astype(np.int8)
    ours, want = answered(net, x, square, samples, tmp_path)
    assert (ours == want).all()
    path = tmp_path / "squared.tflite"
    path.write_bytes(net.file([x], [square]))
    gates = qhw.simulate(qhw.load(path), samples[:2, 0], engine="amaranth", trace=True)
    assert gates.matches == 2 and (gates.y.ravel() == want[:2].ravel()).all()


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


def test_sizes_that_are_computed_from_others_are_constants(tmp_path):
    """Keras's Flatten for a batch of any size."""
    rng, net = np.random.default_rng(2), Made()
    x, y = net.tensor((1, 4, 5, 3), scale=0.1), net.tensor((1, 60), scale=0.1)
    shape, one = net.tensor((4,), "INT32"), net.tensor((), "INT32")
    net.op("SHAPE", [x], [shape], out_type=2)
    net.op("STRIDED_SLICE", [shape, *(net.constant([n]) for n in (0, 1, 1))], [one],
           shrink_axis_mask=1)
    new = net.tensor((2,), "INT32")
    net.op("PACK", [one, net.constant(60)], [new], values_count=2, axis=0)
    net.op("RESHAPE", [x, new], [y])
    z = net.tensor((1, 2), scale=3.0)
    net.op("FULLY_CONNECTED", [y, net.tensor((2, 60), scale=0.1, data=rng.integers(
        -128, 128, (2, 60)))], [z])
    samples = rng.integers(-128, 128, (9, 1, 4, 5, 3)).astype(np.int8)
    ours, want = answered(net, x, z, samples, tmp_path)
    assert (ours == want).all()


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
    assert (host(lowered, codes) * 256 == answers(data, samples)[:, 0]).all()


@pytest.mark.parametrize(("op", "shape", "constants", "options"), [
    ("RESHAPE", (1, 64), [[1, 64]], {}), ("TRANSPOSE", (1, 4, 4, 4), [[0, 3, 1, 2]], {}),
    ("SLICE", (1, 2, 4, 4), [[0, 1, 0, 0], [1, 2, 4, 4]], {}),
    ("PAD", (1, 6, 6, 4), [[[0, 0], [1, 1], [1, 1], [0, 0]]], {}),
    ("DEPTH_TO_SPACE", (1, 8, 8, 1), [], {"block_size": 2})])
def test_moved_codes_are_read_with_the_zero_point_of_their_new_tensor(op, shape, constants,
                                                                      options, tmp_path):
    rng, net = np.random.default_rng(2), Made()
    x, y = net.tensor((1, 4, 4, 4), scale=0.1, zero=5), net.tensor(shape, scale=0.1, zero=7)
    net.op(op, [x, *map(net.constant, constants)], [y], **options)
    size = np.prod(shape)
    w, z = net.tensor((3, size), scale=0.02, data=rng.integers(-128, 128, (3, size))), net.tensor(
        (1, 3), scale=0.5)
    net.op("FULLY_CONNECTED", [y, w], [z])
    samples = rng.integers(-128, 128, (9, 1, 4, 4, 4)).astype(np.int8)
    for last in (y, z):
        ours, want = answered(net, x, last, samples, tmp_path)
        assert (ours == want).all()


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


@pytest.mark.parametrize(("op", "type", "bias"), [
    *((op, "INT8", "INT64") for op in LAYERS), *((op, "INT16", "INT32") for op in LAYERS[2:])])
def test_biases_that_the_kernel_reads_as_another_type_are_refused(op, type, bias, tmp_path):
    net, x, y, _ = biased(op, type, bias)
    (tmp_path / "n.tflite").write_bytes(net.file([x], [y]))
    with pytest.raises(qhw.errors.ModelError, match=f"bias is of type {bias}"):
        qhw.load(tmp_path / "n.tflite")


@pytest.mark.parametrize(("op", "inputs"), [("ADD", 2), ("RELU", 1), ("TANH", 1)])
@pytest.mark.parametrize("types", [("INT8", "INT16"), ("INT16", "INT8"), ("INT8", "INT32")])
def test_only_what_converts_types_has_several(op, inputs, types, tmp_path):
    net = Made()
    x, y = (net.tensor((1, 8), type, 1 / 128) for type in types)
    net.op(op, [x] * inputs, [y])
    (tmp_path / "n.tflite").write_bytes(net.file([x], [y]))
    with pytest.raises(qhw.errors.ModelError, match=f"{types[0]} and {types[1]}"):
        qhw.load(tmp_path / "n.tflite")


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

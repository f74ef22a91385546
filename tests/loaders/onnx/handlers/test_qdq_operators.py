"""Operators on codes, and every axis, type and version of the quantizers, against ONNX Runtime."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import qhw
from qhw.errors import ModelError
from tests.loaders.onnx.foreign import KNOWN, MICROSOFT, QGEMM, SHAPE, X, Y
from tests.onnx_models import grid, made, ours, runtime


def codes(op, inputs, shape=SHAPE, domain=MICROSOFT, **attributes):
    """QuantizeLinear, the operator on codes, DequantizeLinear."""
    nodes = [helper.make_node("QuantizeLinear", ["a", "s", "z"], ["q"]),
             helper.make_node(op, inputs, ["r"], "own", domain=domain, **attributes),
             helper.make_node("DequantizeLinear", ["r", "t", "odd"], ["y"])]
    return made(nodes, KNOWN, shape=(1, *shape), quantized=False)


AVERAGE = ("QLinearAveragePool", (*X, *Y))
ON_CODES = [
    *(("QGemm", (*QGEMM, "bias", *Y), {"shape": (6,), **more})
      for more in ({}, {"alpha": .5}, {"alpha": -2.0})),
    ("QLinearAdd", (*X, *X, *Y), {}),
    *((*AVERAGE, {"kernel_shape": [2, 2], **more}) for more in (
        {}, {"strides": [2, 1]}, {"pads": [1, 0, 0, 1], "count_include_pad": 1},
        {"ceil_mode": 1, "strides": [2, 2]},
        {"auto_pad": "VALID"}, {"auto_pad": "SAME_UPPER", "count_include_pad": 1},
        {"auto_pad": "SAME_LOWER", "count_include_pad": 1})),
    *((*AVERAGE, {"kernel_shape": [2, 2], "channels_last": 1, "strides": s})
      for s in ([1, 1], [2, 2])),
    *(("QLinearConcat", (*Y, *X, "q", "t", "z"), {"axis": axis}) for axis in (1, 3, -3)),
    ("QLinearConcat", (*Y, *X, *X, *X), {"axis": 1, "shape": (6,)}),
    ("QLinearMul", (*X, *X, *Y), {}), ("QLinearSigmoid", (*X, "fine", "odd"), {}),
    *(("QLinearLeakyRelu", (*X, *Y), more) for more in ({}, {"alpha": .25})),
    ("QLinearGlobalAveragePool", (*X, *Y), {}),
    ("QLinearGlobalAveragePool", (*X, *Y), {"channels_last": 1}),
    *(("QLinearConv", (*X, "k", "ks", "kz", *Y), {"domain": "", **more}) for more in (
        {}, {"kernel_shape": [3, 2], "strides": [2, 1]}, {"pads": [1, 0, 2, 1]},
        {"dilations": [2, 1]}, {"auto_pad": "SAME_LOWER"}, {"auto_pad": "SAME_UPPER"},
        {"auto_pad": "VALID"})),
    ("QLinearConv", (*X, "k2", "ks", "kz", *Y), {"domain": "", "group": 2}),
    ("QLinearMatMul", (*X, "w", "ws", "wz", *Y), {"domain": "", "shape": (6,)}),
]


@pytest.mark.parametrize(("op", "inputs", "more"), ON_CODES,
                         ids=[f"{op} {more}" for op, _, more in ON_CODES])
def test_operators_on_codes(op, inputs, more, tmp_path):
    """Scales are powers of two, the zero point is odd, and many results are ties."""
    model, x = codes(op, list(inputs), **more), grid(more.get("shape", SHAPE), 8)
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


SUMS = [*(("ConvInteger", ("q", "k", *zeros), more) for zeros in ((), ("z",), ("z", "kz"))
          for more in ({}, {"pads": [1, 0, 2, 1], "kernel_shape": [3, 2]}, {"strides": [2, 1]},
                       {"dilations": [2, 1]}, {"auto_pad": "SAME_LOWER"}, {"auto_pad": "VALID"})),
        ("ConvInteger", ("q", "k2", "z"), {"group": 2}), ("MatMulInteger", ("q", "w"), {}),
        *(("MatMulInteger", ("q", "w", "z", zero), {}) for zero in ("three", "each"))]


@pytest.mark.parametrize(("op", "inputs", "more"), SUMS)
@pytest.mark.parametrize("quantized", [False, True])
def test_sums_of_codes(op, inputs, more, quantized, tmp_path):
    """In int32, for the host or another quantizer."""
    shape = (6,) if op == "MatMulInteger" else SHAPE
    nodes = [helper.make_node("QuantizeLinear", ["a", "s", "z"], ["q"]),
             helper.make_node(op, inputs, ["r"], "own", **more),
             helper.make_node("Cast", ["r"], ["c" if quantized else "y"], to=TensorProto.FLOAT),
             *([helper.make_node("QuantizeLinear", ["c", "wide", "z"], ["y"])] * quantized)]
    known = {**KNOWN, "three": np.int8(3), "each": np.int8([1, -2, 3]), "wide": np.float32(8)}
    model, x = made(nodes, known, shape=(1, *shape), quantized=False), grid(shape, 8)
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


@pytest.mark.parametrize(("dtype", "low"), [(np.uint8, 0), (np.int8, -128)])
def test_an_input_of_codes(dtype, low, tmp_path):
    """Its type says its format; another scale is that of what reads it."""
    known = {**KNOWN, "zero": dtype(low + 100), "odd": dtype(low + 101)}
    model = made([helper.make_node("QLinearConv", ["a", "s", "zero", "k", "ks", "kz", *Y], ["y"])],
                 known, shape=(1, *SHAPE), quantized=False)
    model.graph.input[0].type.tensor_type.elem_type = helper.np_dtype_to_tensor_dtype(
        np.dtype(dtype))
    model.graph.output[0].type.CopyFrom(model.graph.input[0].type)
    model.graph.output[0].type.tensor_type.ClearField("shape")
    x = np.random.default_rng(0).integers(low, low + 256, (4, *SHAPE)).astype(dtype)
    path = tmp_path / "net.onnx"
    onnx.save(model, path)
    assert np.array_equal(qhw.simulate(qhw.load(path), x).y, runtime(model, x))
    assert np.array_equal(qhw.simulate(qhw.load(path, "s8" if low else "u8"), x).y,
                          runtime(model, x))
    with pytest.raises(ModelError, match=f"has type {np.dtype(dtype)}, and the format 0..15 with"):
        qhw.load(path, "u4:scale=1/2")


def test_a_scale_of_zero_stands_for_zeros(tmp_path):
    """As exporters leave it for a channel that was pruned."""
    known = {**KNOWN, "each": np.float32([.5, 0, .25]), "nothing": np.int8([0, 3, 0])}
    model = made([helper.make_node("DequantizeLinear", ["w", "each", "nothing"], ["wr"], axis=1),
                  helper.make_node("MatMul", ["a", "wr"], ["y"])], known, shape=(1, 6))
    x = grid((6,))
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


def test_a_gemm_of_transposed_weights(tmp_path):
    """ONNX Runtime's own QGemm takes scales of channels with it."""
    model = codes("QGemm", [*X, "w", "ks", "kz", "", *Y], shape=(3,), transB=1)
    x = grid((3,), 8)
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


@pytest.mark.parametrize("domain", ["", MICROSOFT])
@pytest.mark.parametrize(("axis", "scales"), [(0, 6), (1, 3), (-1, 3), (-2, 6)])
def test_the_axis_of_weights_scales(tmp_path, domain, axis, scales):
    """Along the inputs there are several scales in one output, which is refused."""
    if domain and axis < 0:
        pytest.skip("ONNX Runtime's operator counts axes from 0")
    known = {**KNOWN, "each": 2.0 ** np.arange(scales).astype(np.float32) / 4,
             "nothing": np.zeros(scales, np.int8)}
    model = made([helper.make_node("DequantizeLinear", ["w", "each", "nothing"], ["wr"], "own",
                                   axis=axis, domain=domain),
                  helper.make_node("MatMul", ["a", "wr"], ["y"])], known, shape=(1, 6))
    x = grid((6,))
    if scales == 6:
        with pytest.raises(ModelError, match="several scales in one output"):
            ours(model, x, tmp_path)
        return
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


@pytest.mark.parametrize("axis", [0, 1])
def test_the_axis_of_quantized_constants(tmp_path, axis):
    """Weights that the file quantizes itself, ties included."""
    scales = np.float32([.5, .25, 1]) if axis else np.float32([1, .5, .25, 2, .5, 1])
    known = {"wf": KNOWN["w"] / np.float32(8), "each": scales,
             "nothing": np.ones(len(scales), np.int8), "one": np.float32(1), "kz": np.int8(0)}
    model = made([helper.make_node("QuantizeLinear", ["wf", "each", "nothing"], ["wq"], axis=axis),
                  helper.make_node("DequantizeLinear", ["wq", "one", "kz"], ["wr"]),
                  helper.make_node("MatMul", ["a", "wr"], ["y"])], known, shape=(1, 6))
    x = grid((6,))
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


@pytest.mark.parametrize(("given", "want"), [
    ({"output_dtype": TensorProto.INT8}, None), ({"output_dtype": TensorProto.UINT8}, None),
    ({"output_dtype": TensorProto.INT16}, None), ({}, None),
    ({"output_dtype": TensorProto.FLOAT8E4M3FN}, "number 17 are not supported"),
    ({"block_size": 2}, "attribute block_size is 2, and only 0"),
    ({"precision": 1}, "attribute precision is 1, and only 0"),
    ({"saturate": 0}, None), ({"axis": 0}, None)])
def test_quantizers_of_new_opsets(tmp_path, given, want):
    """Without a zero point the type is output_dtype's; the axis of one scale means nothing."""
    dtype = given.get("output_dtype", 0)
    model = made([helper.make_node("QuantizeLinear", ["a", "s"], ["q"], "own", **given),
                  helper.make_node("DequantizeLinear", ["q", "s"], ["d"]),
                  helper.make_node("MaxPool", ["d"], ["y"], kernel_shape=[2, 2])],
                 {"s": np.float32(.125)}, shape=(1, *SHAPE), opset=23, quantized=False)
    x = grid(SHAPE) * 4
    if want:
        with pytest.raises(ModelError, match=f"'own'.*{want}"):
            ours(model, x, tmp_path)
        return
    info = {TensorProto.INT8: (-128, 127), TensorProto.INT16: (-32768, 32767)}.get(dtype, (0, 255))
    steps = np.clip(np.rint(x * 8), *info) / 8
    seen = np.lib.stride_tricks.sliding_window_view(steps, (2, 2), axis=(2, 3)).max(axis=(4, 5))
    assert np.array_equal(ours(model, x, tmp_path), seen)


@pytest.mark.parametrize(("opset", "right"), [(10, True), (13, True), (19, True), (21, True),
                                              (23, True), (24, True), (25, True)])
def test_quantizers_of_every_version(tmp_path, opset, right):
    model = made([helper.make_node("MaxPool", ["a"], ["m"], kernel_shape=[2, 2]),
                  helper.make_node("QuantizeLinear", ["m", "t", "odd"], ["q"]),
                  helper.make_node("DequantizeLinear", ["q", "t", "odd"], ["y"])], KNOWN,
                 shape=(1, *SHAPE), opset=opset)
    x = grid(SHAPE)
    pooled = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(2, 3)).max(axis=(4, 5))
    assert np.array_equal(ours(model, x, tmp_path), np.rint(pooled * 2) / 2)

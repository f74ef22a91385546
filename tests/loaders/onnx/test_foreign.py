"""Operators of other domains and ONNX's quantizers: attributes, versions and inputs, against ONNX
Runtime, QONNX's executor or the definition by hand.
"""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import qhw
from qhw.errors import ModelError
from qhw.loaders.onnx.operators import OPERATORS
from tests.onnx_models import grid, made, ours, runtime

MICROSOFT, QONNX = "com.microsoft", "qonnx.custom_op.general"
LAST = "qonnx.custom_op.channels_last"
SHAPE = (4, 6, 4)
KNOWN = {"s": np.float32(.25), "z": np.uint8(128), "t": np.float32(.5), "odd": np.uint8(101),
         "w": np.random.default_rng(1).integers(-5, 6, (6, 3)).astype(np.int8),
         "ws": np.array([.5, .25, 1], np.float32), "wz": np.zeros(3, np.int8),
         "k": np.random.default_rng(2).integers(-5, 6, (2, 4, 3, 2)).astype(np.int8),
         "k2": np.random.default_rng(3).integers(-5, 6, (4, 2, 3, 2)).astype(np.int8),
         "ks": np.float32(.5), "kz": np.int8(0), "bias": np.array([7, -5, 3], np.int32)}


def codes(op, inputs, shape=SHAPE, domain=MICROSOFT, **attributes):
    """QuantizeLinear, the operator on codes, DequantizeLinear."""
    nodes = [helper.make_node("QuantizeLinear", ["a", "s", "z"], ["q"]),
             helper.make_node(op, inputs, ["r"], "own", domain=domain, **attributes),
             helper.make_node("DequantizeLinear", ["r", "t", "odd"], ["y"])]
    return made(nodes, KNOWN, shape=(1, *shape), quantized=False)


X = ("q", "s", "z")
Y = ("t", "odd")
QGEMM = (*X, "w", "ws", "wz")
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
    with pytest.raises(ModelError, match=f"its input is {np.dtype(dtype)}; the format 0..15 with"):
        qhw.load(path, "u4:scale=1/2")


def test_a_scale_of_zero_stands_for_zeros(tmp_path):
    """As exporters leave it for a channel that was pruned."""
    known = {**KNOWN, "each": np.float32([.5, 0, .25]), "nothing": np.int8([0, 3, 0])}
    model = made([helper.make_node("DequantizeLinear", ["w", "each", "nothing"], ["wr"], axis=1),
                  helper.make_node("MatMul", ["a", "wr"], ["y"])], known, shape=(1, 6))
    x = grid((6,))
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


@pytest.mark.parametrize("bias", [[.1, .2, .3], [.5, .5, .5]])
def test_the_largest_of_scaled_and_biased_scores(tmp_path, bias):
    """Of one scale, in two layers; the scores of float32 have no ties."""
    model = made([helper.make_node("MatMul", ["a", "wf"], ["m"]),
                  helper.make_node("Mul", ["m", "s"], ["n"]),
                  helper.make_node("Add", ["n", "bs"], ["o"]),
                  helper.make_node("ArgMax", ["o"], ["y"], axis=1)],
                 {**KNOWN, "wf": KNOWN["w"].astype(np.float32), "bs": np.float32(bias)},
                 shape=(1, 6))
    x = grid((6,), 30)
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


def executed(model, x):
    """QONNX's answers."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes
    wrapped = ModelWrapper(model).transform(InferShapes())
    return np.concatenate([execute_onnx(wrapped, {"a": one[None]})["y"] for one in x])


QUANT = ("a", "qs", "qz", "qb")
LEVELS = np.sort(np.random.default_rng(4).integers(-20, 21, (4, 3)) / 4).astype(np.float32)
CUSTOM = [
    *((op, QONNX, QUANT, {"signed": s, "narrow": n, "rounding_mode": r}, {})
      for op in ("Quant", "IntQuant") for s in (0, 1) for n in (0, 1)
      for r in (("ROUND", "half_even", "CEIL") if op == "Quant" else ("CEIL",))),
    *(("Quant", QONNX, QUANT, {"signed": 1, "narrow": 0, "rounding_mode": r}, {})
      for r in ("FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN")),
    ("BipolarQuant", QONNX, ("a", "qs"), {}, {}),
    *(("Trunc", QONNX, ("a", "ts", "tz", "b8", "b6"), {"rounding_mode": r}, {"version": 1})
      for r in ("FLOOR", "ROUND", "CEIL")),
    *(("Trunc", QONNX, ("a", "ts", "tz", "b8", "ts4", "b6"),
       {"rounding_mode": "ROUND", "signed": s, "narrow": n}, {"version": 2})
      for s in (0, 1) for n in (0, 1)),
    *(("MultiThreshold", QONNX, ("a", "levels"), {"out_dtype": d, **more}, {"shape": shape})
      for d, more, shape in (
          ("UINT2", {}, SHAPE), ("INT4", {"out_scale": 2.0, "out_bias": -3.0}, SHAPE),
          ("UINT2", {"out_scale": .5}, SHAPE), ("UINT2", {"data_layout": "NHWC"}, (4, 4, 4)),
          ("UINT2", {"data_layout": "NCHW"}, (4, 4, 4)), ("UINT2", {}, (4,)),
          ("UINT2", {"data_layout": "NC"}, (4,)), ("UINT2", {}, (5, 4)),
          ("UINT2", {"data_layout": "NCW"}, (4, 4)), ("UINT2", {"data_layout": "NWC"}, (4, 4)))),
    ("MaxPoolNHWC", QONNX, ("a",), {"kernel_shape": [2, 2], "strides": [2, 2],
                                    "pads": [0, 0, 0, 0]}, {}),
    ("MaxPoolNHWC", QONNX, ("a",), {"kernel_shape": [3, 1], "strides": [1, 2],
                                    "pads": [1, 0, 1, 0]}, {}),
    ("MaxPoolNHWC", QONNX, ("a",), {"kernel_shape": [2, 3], "strides": [2, 2],
                                    "pads": [0, 0, 0, 0], "ceil_mode": 1}, {}),
    ("DebugMarker", QONNX, ("a",), {"export_debug_name": "here"}, {}),
]
CONSTANTS = {"qs": np.float32(.5), "qz": np.float32(1), "qb": np.float32(4), "ts": np.float32(.25),
             "tz": np.float32(0), "b8": np.float32(8), "b6": np.float32(6), "ts4": np.float32(1),
             "levels": LEVELS, "g": np.float32([1, -2, .5, 3]), "b": np.float32([1, 0, -1, 2]),
             "mu": np.float32([0, 1, 2, -1]), "var": np.float32([1, .75, 2, 3])}


@pytest.mark.parametrize(("op", "domain", "inputs", "attributes", "how"), CUSTOM,
                         ids=[f"{c[0]} {c[3]} {c[4]}" for c in CUSTOM])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_qonnx_operators(op, domain, inputs, attributes, how, tmp_path):
    """By the executor; behind a MaxPool, so that a quantizer becomes thresholds."""
    shape = how.get("shape", SHAPE)
    first = helper.make_node("Identity", ["a"], ["m"]) if len(shape) == 1 else helper.make_node(
        "MaxPool", ["a"], ["m"], kernel_shape=[1] * (len(shape) - 1))
    names = ["m" if n == "a" else n for n in inputs]
    eye = {} if len(shape) > 1 else {"eye": np.eye(len(LEVELS), dtype=np.float32)}
    if eye:
        first = helper.make_node("MatMul", ["a", "eye"], ["m"])
    model = made([first, helper.make_node(op, names, ["y"], "own", domain=domain, **attributes)],
                 CONSTANTS | eye, shape=(1, *shape), quantized=False,
                 domains={domain: how.get("version", 1)})
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", TensorProto.FLOAT, None))
    model.graph.value_info.append(helper.make_tensor_value_info("m", TensorProto.FLOAT,
                                                                (1, *shape)))
    x = grid(shape)
    path = tmp_path / "net.onnx"
    onnx.save(model, path)
    got = qhw.simulate(qhw.load(path, "s8:scale=1/4"), x).y
    want = executed(model, x)
    assert np.array_equal(got, want)


WEIGHTS = np.random.default_rng(5).integers(-3, 4, (4, 2, 3, 2)).astype(np.float32)
CHANNELS_LAST = [
    *(("Conv", ("a", "kl"), {"kernel_shape": [3, 2], "group": 2, **more}) for more in (
        {}, {"strides": [2, 1]}, {"dilations": [2, 1]}, {"pads": [1, 0, 2, 1]})),
    ("Conv", ("a", "kl", "mu"), {"group": 2}),
    *(("MaxPool", ("a",), {"kernel_shape": [3, 2], **more}) for more in (
        {}, {"strides": [2, 1]}, {"pads": [1, 0, 2, 1]})),
    ("BatchNormalization", ("a", "g", "b", "mu", "var"), {"epsilon": .25}),
    ("BatchNormalization", ("a", "g", "b", "mu", "var"), {"momentum": .5}),
]


@pytest.mark.parametrize(("op", "inputs", "attributes"), CHANNELS_LAST,
                         ids=[f"{c[0]} {c[2]}" for c in CHANNELS_LAST])
def test_channels_last_is_onnx_s_own_between_transposes(op, inputs, attributes, tmp_path):
    """QONNX's weights are outputs, rows, columns, inputs there."""
    known = {**CONSTANTS, "kl": WEIGHTS}
    inner = [helper.make_node("Transpose", ["m"], ["t"], perm=[0, 3, 1, 2]),
             helper.make_node(op, ["t", *inputs[1:]], ["u"], **attributes),
             helper.make_node("Transpose", ["u"], ["y"], perm=[0, 2, 3, 1])]
    pool = helper.make_node("MaxPool", ["a"], ["m"], kernel_shape=[1, 1])
    shape = (1, 6, 5, 4)
    x = grid(shape[1:])
    want = runtime(made([pool, *inner], known, shape=shape), x)
    own = helper.make_node(op, ["m", *inputs[1:]], ["y"], domain=LAST, **attributes)
    got = ours(made([pool, own], {**known, "kl": WEIGHTS.transpose(0, 2, 3, 1)}, shape=shape), x,
               tmp_path)
    assert np.allclose(got, want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("attributes", [
    {"n_levels": 16, "div": 4}, {"n_levels_out": 8, "div": 2, "signed": 1},
    {"n_levels_out": 256, "n_levels": 256, "div": 16, "signed": 1}, {"n_levels": 5, "div": 3}])
@pytest.mark.parametrize("domain", ["", "PACTOps", "ai.onnx.contrib"])
def test_requant_shift(attributes, domain, tmp_path):
    """By its definition, in integers."""
    mul, add = np.float32([3, -2, 1, 5]), np.float32([1, 7, 0, -9])
    model = made([helper.make_node("MaxPool", ["a"], ["m"], kernel_shape=[1, 1]),
                  helper.make_node("RequantShift", ["m", "mul", "add"], ["y"], "own",
                                   domain=domain, **attributes)],
                 {"mul": mul.reshape(4, 1, 1), "add": add.reshape(4, 1, 1)}, shape=(1, *SHAPE),
                 quantized=False)
    path = tmp_path / "net.onnx"
    onnx.save(model, path)
    x = np.random.default_rng(0).integers(-100, 101, (4, *SHAPE))
    levels, div = attributes.get("n_levels_out") or attributes["n_levels"], attributes["div"]
    low = -(levels // 2) if attributes.get("signed") else 0
    want = np.clip((x * mul.astype(int).reshape(4, 1, 1) + add.astype(int).reshape(4, 1, 1)
                    + div // 2) // div, low, low + levels - 1 - levels % 2 * (low < 0))
    assert np.array_equal(qhw.simulate(qhw.load(path, "s8"), x).y, want)


def test_all_that_is_claimed_of_other_domains_is_covered():
    """Each attribute in a case, with a value that is not the default, or refused for all others."""
    cases = [*((op, more) for op, _, more in ON_CODES), *((c[0], c[3]) for c in CUSTOM),
             *((op, more) for op, _, more in CHANNELS_LAST),
             ("RequantShift", {"n_levels": 5, "n_levels_out": 8, "div": 2, "signed": 1}),
             ("RequantizedShift", {"n_levels": 5, "n_levels_out": 8, "div": 2, "signed": 1}),
             ("QGemm", {"transB": 1}), ("QuantizeLinear", {"axis": 0}),
             ("DequantizeLinear", {"axis": 0})]
    for (domain, op), operator in OPERATORS.items():
        for name, attribute in ({} if operator.versions else operator.attributes).items():
            if attribute.only[1:] or not attribute.only:
                values = [more[name] for of, more in cases if of == op and name in more]
                assert any(v != attribute.default for v in values), (domain, op, name)


def refused(tmp_path, match, *nodes, constants=None, **how):
    model = made(list(nodes), {**KNOWN, **CONSTANTS, **(constants or {})},
                 shape=(1, *how.pop("shape", SHAPE)), **how)
    with pytest.raises(ModelError, match=match):
        ours(model, grid(SHAPE), tmp_path)


@pytest.mark.parametrize(("key", "value"), [
    (key, value) for (domain, op), operator in OPERATORS.items() if not operator.versions
    for key, value in [((domain, op), "mystery")]], ids=str)
def test_other_attributes_of_other_domains_are_refused(key, value, tmp_path):
    domain, op = key
    count = OPERATORS[key].inputs[0]
    refused(tmp_path, f"'own' \\({op}\\): its attribute {value} .* none that {op} has",
            helper.make_node(op, ["a", *["s"] * (count - 1)], ["y"], "own", domain=domain,
                             **{value: 1}))


@pytest.mark.parametrize(("op", "domain", "inputs", "attributes", "match"), [
    ("Relu", "com.acme", ["a"], {}, "operator Relu of domain com.acme is not supported"),
    ("Relu", MICROSOFT, ["a"], {}, "operator Relu of domain com.microsoft"),
    ("Quant", MICROSOFT, list(QUANT), {}, "operator Quant of domain com.microsoft"),
    ("Add", "", ["a", "s"], {"in1_mul": 3}, r"attribute in1_mul \(3\) is none that Add has"),
    ("QLinearConv", "", [*X, "k", "ks", "kz", *Y], {"channels_last": 1}, "channels_last"),
    ("QLinearConv", MICROSOFT, [*X, "k", "ks", "kz", *Y], {}, "QLinearConv of domain"),
    ("QGemm", MICROSOFT, list(QGEMM), {"transA": 1}, "attribute transA is 1, and only 0"),
    ("Conv", "", ["a", "kf"], {"kernel_shape": [2, 2]}, "is not that of its weights"),
    ("Conv", "", ["a", "kf"], {"auto_pad": "SAME_UPPER", "pads": [1, 1, 1, 1]}, "leave one out"),
    ("Conv", "", ["a", "kf"], {"auto_pad": "SIDEWAYS"}, "auto_pad is 'SIDEWAYS'"),
    ("Conv", "", ["a", "kf"], {"weight_bits": 2}, "does not fit the 2 bits"),
    ("Conv", "", ["a", "kf"], {"strides": [1.5, 1.5]}, "strides .* no INTS"),
    ("AveragePool", "", ["a"], {"kernel_shape": [2, 2], "pads": [1, 1, 1, 1]}, "do not count"),
    ("AveragePool", "", ["a"], {"kernel_shape": [4, 4], "strides": [3, 3], "ceil_mode": 1,
                                "count_include_pad": 1}, "partial windows"),
    ("BatchNormalization", "", ["a", "g", "b", "mu", "var"], {"training_mode": 1}, "training"),
    ("LeakyRelu", "", ["a"], {"alpha": float("nan")}, "alpha is nan, which is not finite"),
    ("LeakyRelu", "", ["a"], {"alpha": -1.0}, "a slope of -1.0 is not supported"),
    ("Resize", "", ["a", "", "up"], {"mode": "linear"}, "mode is 'linear', and only nearest"),
    ("Resize", "", ["a", "", "up"], {"exclude_outside": 1}, "exclude_outside is 1"),
    ("Cast", "", ["a"], {"to": TensorProto.BOOL}, "it casts to bool"),
    ("Cast", "", ["a"], {"to": TensorProto.FLOAT16}, "it casts to float16"),
    ("MultiThreshold", QONNX, ["a", "levels"], {"data_layout": "HWCN"}, "data_layout HWCN"),
    ("MultiThreshold", QONNX, ["a", "levels"], {"data_layout": "NHWC", "out_scale": -1.0},
     "out_scale -1.0 is not positive"),
    ("Quant", QONNX, list(QUANT), {"signed": 2}, "signed is 2, and only 1 or 0"),
    ("Quant", QONNX, list(QUANT[:3]), {}, "it has 3 inputs, and Quant takes 4"),
    ("Relu", "", ["a", "s"], {}, "it has 2 inputs, and Relu takes 1"),
    ("Softmax", "", ["a"], {"axis": 2}, "it is over"), ("ArgMax", "", ["a"], {}, "across samples"),
    ("Constant", "", [], {"value_string": "a"}, "only one of value"),
])
def test_what_is_not_understood_is_refused(op, domain, inputs, attributes, match, tmp_path):
    first = [helper.make_node("QuantizeLinear", ["a", "s", "z"], ["q"])] if "q" in inputs else []
    refused(tmp_path, f"'own' \\({op}\\): .*{match}", *first,
            helper.make_node(op, inputs, ["y"], "own", domain=domain, **attributes),
            constants={"kf": KNOWN["k"].astype(np.float32),
                       "up": np.array([1, 1, 2, 2], np.float32)})


@pytest.mark.parametrize(("zero", "to"), [("int8", "uint8"), ("uint8", "int8"),
                                          ("int8", "uint16")])
def test_a_cast_that_would_wrap(zero, to, tmp_path):
    """Codes below 0 in a type without a sign, and those above 127 in a byte with one."""
    refused(tmp_path, rf"'own' \(Cast\): it casts .* to {to}, which cannot hold them",
            helper.make_node("QuantizeLinear", ["a", "s", "nought"], ["q"]),
            helper.make_node("Cast", ["q"], ["y"], "own",
                             to=helper.np_dtype_to_tensor_dtype(np.dtype(to))),
            constants={"nought": np.array(0, zero)})


@pytest.mark.parametrize(("domains", "match"), [
    ({"": 6}, "opset 6 is not supported, only 7 to"), ({"": 99}, "opset 99 is not supported"),
    ({QONNX: 3}, "version 3 of domain qonnx.custom_op.general is not known, only up to 2")])
def test_versions_that_are_not_known(domains, match, tmp_path):
    model = made([helper.make_node("Relu", ["a"], ["r"], "own"),
                  helper.make_node("BipolarQuant", ["r", "s"], ["y"], domain=QONNX)], KNOWN,
                 shape=(1, *SHAPE), quantized=False)
    for entry in model.opset_import:
        entry.version = domains.get(entry.domain, entry.version)
    with pytest.raises(ModelError, match=match):
        ours(model, grid(SHAPE), tmp_path)


def test_a_file_that_imports_no_opset(tmp_path):
    model = made([helper.make_node("Relu", ["a"], ["y"], "own")], shape=(1, *SHAPE))
    del model.opset_import[:]
    with pytest.raises(ModelError, match="imports no opset of ONNX's operators"):
        ours(model, grid(SHAPE), tmp_path)


def test_an_operator_that_the_file_defines_itself(tmp_path):
    """Even if it is called like one that is known."""
    model = made([helper.make_node("BipolarQuant", ["a", "s"], ["y"], "own", domain=QONNX)], KNOWN,
                 shape=(1, *SHAPE))
    model.functions.append(helper.make_function(
        QONNX, "BipolarQuant", ["x", "s"], ["y"], [helper.make_node("Mul", ["x", "s"], ["y"])],
        [helper.make_opsetid("", 13)]))
    with pytest.raises(ModelError, match=r"'own'.*a function of the file's own; inline it"):
        ours(model, grid(SHAPE), tmp_path)


@pytest.mark.parametrize(("op", "inputs", "attributes"), [
    ("MaxPool", ["a"], {"kernel_shape": [2, 2]}), ("Dropout", ["a"], {})])
def test_a_second_output_is_refused_where_it_is_read(op, inputs, attributes, tmp_path):
    node = helper.make_node(op, inputs, ["y", "more"], "own", **attributes)
    x = grid(SHAPE)
    pool = helper.make_node("MaxPool", ["y"], ["z"], kernel_shape=[1, 1])
    assert np.array_equal(
        ours(made([node, pool], shape=(1, *SHAPE), outputs=("z",)), x, tmp_path).shape,
        runtime(made([node, pool], shape=(1, *SHAPE), outputs=("z",)), x).shape)
    reads = helper.make_node("Cast", ["more"], ["f"], "reader", to=TensorProto.FLOAT)
    for outputs, nodes, match in ((("f",), [node, reads], "'reader'.*output 2 of 'own'"),
                                  (("y", "more"), [node], "its output is output 2 of 'own'")):
        with pytest.raises(ModelError, match=match):
            ours(made(nodes, shape=(1, *SHAPE), outputs=outputs), x, tmp_path)


@pytest.mark.parametrize(("attributes", "want"), [
    ({}, [1, 4, 6, 4]), ({"start": 1}, [4, 6, 4]), ({"start": -3, "end": -1}, [4, 6]),
    ({"end": 2}, [1, 4])])
def test_a_part_of_a_shape(tmp_path, attributes, want):
    """As the shape of a constant that is added."""
    node = helper.make_node("Shape", ["a"], ["s"], **attributes)
    cast = helper.make_node("Cast", ["s"], ["f"], to=TensorProto.FLOAT)
    total = helper.make_node("ReduceSum", ["f"], ["n"], keepdims=0)
    model = made([node, cast, total, helper.make_node("MaxPool", ["a"], ["m"],
                                                      kernel_shape=[1, 1]),
                  helper.make_node("Add", ["m", "n"], ["y"])], shape=(1, *SHAPE), opset=15)
    x = grid(SHAPE)
    assert np.array_equal(ours(model, x, tmp_path), x + sum(want))

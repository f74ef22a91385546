"""Operators of QONNX's domains, against QONNX's executor; channels last, against ONNX Runtime."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import qhw
from tests.loaders.onnx.foreign import CONSTANTS, LAST, LEVELS, QUANT, SHAPE
from tests.loaders.onnx.handlers.read import QONNX
from tests.onnx_models import grid, made, ours, runtime


def executed(model, x):
    """QONNX's answers."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.core.onnx_exec import execute_onnx
    from qonnx.transformation.infer_shapes import InferShapes
    wrapped = ModelWrapper(model).transform(InferShapes())
    return np.concatenate([execute_onnx(wrapped, {"a": one[None]})["y"] for one in x])


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
        {}, {"strides": [2, 1]}, {"dilations": [2, 1]}, {"pads": [1, 0, 2, 1]},
        {"strides": [2, 2], "auto_pad": "SAME_LOWER"})),
    ("Conv", ("a", "kl", "mu"), {"group": 2}),
    *(("MaxPool", ("a",), {"kernel_shape": [3, 2], **more}) for more in (
        {}, {"strides": [2, 1]}, {"pads": [1, 0, 2, 1]}, {"ceil_mode": 0, "storage_order": 0},
        {"strides": [2, 2], "ceil_mode": 1}, {"strides": [2, 1], "auto_pad": "SAME_UPPER"},
        {"dilations": [2, 1]})),
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

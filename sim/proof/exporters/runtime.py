"""What ONNX Runtime's quantizer makes of small float networks: every format and pair of types."""

import random
import tempfile
from itertools import product
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

__all__ = ["COUNT", "float_network", "quantized"]

WAYS = [(form, activation, weight, per_channel)
        for form, (activation, weight), per_channel in product(
            ("QDQ", "QOperator"), (("QUInt8", "QInt8"), ("QInt8", "QInt8"), ("QUInt8", "QUInt8")),
            (False, True))]
COUNT = 10 * len(WAYS)
"""Files that differ in more than their weights."""


class Floats:
    """A float network that grows node by node; its values stay near 1."""

    def __init__(self, seed: int):
        self.random, self.numbers = random.Random(seed), np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, array: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(
            array.astype(np.float32) if array.dtype.kind == "f" else array,
            f"c{len(self.constants)}"))
        return self.constants[-1].name

    def node(self, op: str, *inputs: str, **attributes: object) -> str:
        name = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=f"/{name}", **attributes))
        return name

    def conv(self, x: str, channels: int, outputs: int, size: int, **attributes: object) -> str:
        w = self.numbers.normal(size=(outputs, channels, size, size)) / (channels * size**2) ** .5
        bias = self.numbers.normal(size=outputs) / 4
        return self.node("Conv", x, self.constant(w), self.constant(bias), **attributes)


def float_network(seed: int) -> tuple[onnx.ModelProto, tuple[int, ...]]:
    """Convolutions, a pool, perhaps a residual or a join, a classifier, perhaps Softmax."""
    f = Floats(seed)
    pick = f.random.choice
    channels, size = pick((1, 2, 3)), pick((4, 5, 6))
    shape = (channels, size, size)
    first = pick((2, 4))
    x = f.conv("x", channels, first, 3, pads=[1] * 4)
    if pick((True, False)):
        x = f.node("BatchNormalization", x, *map(f.constant, (
            f.numbers.uniform(.5, 1.5, first), f.numbers.normal(size=first) / 4,
            f.numbers.normal(size=first) / 4, f.numbers.uniform(.5, 2, first))))
    kind = pick(("Relu", "Relu", "LeakyRelu", "Clip", "HardSigmoid", "Sigmoid", "none"))
    if kind == "Clip":
        x = f.node("Clip", x, f.constant(np.array(0.0)), f.constant(np.array(6.0)))
    elif kind != "none":
        x = f.node(kind, x)
    match pick(("residual", "concat", "depthwise", "none", "none")):
        case "residual":
            y = f.node("Relu", f.conv(x, first, first, 3, pads=[1] * 4))
            x = f.node("Relu", f.node("Add", x, y))
        case "concat":
            y = f.node("Relu", f.conv(x, first, 2, 1))
            x, first = f.node("Concat", x, y, axis=1), first + 2
        case "depthwise":
            w = f.numbers.normal(size=(first, 1, 3, 3)) / 3
            x = f.node("Relu", f.node("Conv", x, f.constant(w), group=first, strides=[2, 2],
                                      pads=[1, 1, 1, 1]))
            size = -(-size // 2)
    match pick(("MaxPool", "AveragePool", "GlobalAveragePool", "none")):
        case "GlobalAveragePool":
            x, size = f.node("GlobalAveragePool", x), 1
        case "MaxPool" | "AveragePool" as op:
            x, size = f.node(op, x, kernel_shape=[2, 2], strides=[2, 2]), size // 2
    x = f.node("Flatten", x) if pick((True, False)) else f.node(
        "Reshape", x, f.constant(np.array([-1, first * size**2])))
    w = f.numbers.normal(size=(first * size**2, 4)) / (first * size**2) ** .5
    if pick((True, False)):
        x = f.node("Gemm", x, f.constant(w.T.copy()), f.constant(f.numbers.normal(size=4) / 4),
                   transB=1)
    else:
        x = f.node("MatMul", x, f.constant(w))
        x = f.node("Add", x, f.constant(f.numbers.normal(size=4) / 4))
    if pick((True, False, False)):
        x = f.node("Softmax", x)
    graph = helper.make_graph(
        f.nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *shape])],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, ["N", 4])], initializer=f.constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)],
                             ir_version=10), shape


class Batches(CalibrationDataReader):
    """Random samples to calibrate with."""

    def __init__(self, x: np.ndarray):
        self.rest = iter([{"x": x[k:k + 4]} for k in range(0, len(x), 4)])

    def get_next(self):
        return next(self.rest, None)


def quantized(seed: int) -> tuple[onnx.ModelProto, np.ndarray]:
    """A network by its number as the quantizer writes it, and samples."""
    form, activation, weight, per_channel = WAYS[seed % len(WAYS)]
    rng = np.random.default_rng(seed)
    model, shape = float_network(seed)
    x = rng.normal(size=(32, *shape)).astype(np.float32)
    options = {"ActivationSymmetric": bool(rng.integers(2)) and activation == "QInt8",
               "WeightSymmetric": weight != "QUInt8" or bool(rng.integers(2))}
    with tempfile.TemporaryDirectory() as temporary:
        given, ready, made = (Path(temporary) / f"{k}.onnx" for k in ("given", "ready", "made"))
        onnx.save(model, given)
        quant_pre_process(given, ready, skip_symbolic_shape=True)
        quantize_static(
            ready, made, Batches(x), quant_format=QuantFormat[form], per_channel=per_channel,
            activation_type=QuantType[activation], weight_type=QuantType[weight],
            calibrate_method=CalibrationMethod.MinMax, extra_options=options)
        return onnx.load(made), x[:8] * np.float32(1.2)

"""What ONNX Runtime's quantizer makes of small float networks: every format and pair of types."""

import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from .architectures import ARCHITECTURES
from .floats import Floats

__all__ = ["COUNT", "NAMES", "WAYS", "named", "quantized"]


@dataclass(frozen=True)
class Way:
    """How the quantizer writes a file; types are those of ``QuantType`` without its Q."""

    form: str
    activation: str
    weight: str
    per_channel: bool
    opset: int = 18

    def __str__(self) -> str:
        return (f"{self.form}-{self.activation}-{self.weight}" + "-channels" * self.per_channel
                + f"-{self.opset}" * (self.opset != 18))


WAYS = [Way(form, activation, weight, per_channel)
        for form, (activation, weight), per_channel in product(
            ("QDQ", "QOperator"), (("UInt8", "Int8"), ("Int8", "Int8"), ("UInt8", "UInt8")),
            (False, True))]
WIDE = [Way("QDQ", activation, "Int8", opset == 21, opset)
        for activation in ("UInt16", "Int16") for opset in (18, 21)]
"""Activations of 16 bits: operators of ONNX's own since opset 21, of ONNX Runtime's before."""
NAMES = {f"{name}-{way}": (name, way) for name in ARCHITECTURES for way in WAYS + WIDE}
"""Each architecture in each way."""
COUNT = 10 * len(WAYS)
"""Files that differ in more than their weights."""


def float_network(seed: int) -> tuple[onnx.ModelProto, tuple[int, ...]]:
    """Convolutions, a pool, perhaps a residual or a join, a classifier, perhaps Softmax."""
    f = Floats(seed)
    pick = f.random.choice
    channels, size = pick((1, 2, 3)), pick((4, 5, 6))
    shape = (channels, size, size)
    first = pick((2, 4))
    x = f.conv("x", channels, first, 3, pads=[1] * 4)
    if pick((True, False)):
        x = f.norm(x, first)
    kind = pick(("Relu", "Relu", "LeakyRelu", "Clip", "HardSigmoid", "Sigmoid", "none"))
    if kind == "Clip":
        x = f.clip(x, 0., 6.)
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
    return f.model(shape, x), shape


class Batches(CalibrationDataReader):
    """Random samples to calibrate with."""

    def __init__(self, x: np.ndarray):
        self.rest = iter([{"x": x[k:k + 4]} for k in range(0, len(x), 4)])

    def get_next(self):
        return next(self.rest, None)


def quantize(model: onnx.ModelProto, way: Way, x: np.ndarray, options: dict[str, bool]
             ) -> onnx.ModelProto:
    """What the quantizer makes of a float network, with samples to calibrate."""
    with tempfile.TemporaryDirectory() as temporary:
        given, ready, made = (Path(temporary) / f"{k}.onnx" for k in ("given", "ready", "made"))
        onnx.save(model, given)
        quant_pre_process(given, ready, skip_symbolic_shape=True)
        quantize_static(
            ready, made, Batches(x), quant_format=QuantFormat[way.form],
            per_channel=way.per_channel, activation_type=QuantType[f"Q{way.activation}"],
            weight_type=QuantType[f"Q{way.weight}"], calibrate_method=CalibrationMethod.MinMax,
            extra_options=options)
        return onnx.load(made)


def quantized(seed: int) -> tuple[onnx.ModelProto, np.ndarray]:
    """A network by its number as the quantizer writes it, and samples."""
    way, rng = WAYS[seed % len(WAYS)], np.random.default_rng(seed)
    model, shape = float_network(seed)
    x = rng.normal(size=(32, *shape)).astype(np.float32)
    options = {"ActivationSymmetric": bool(rng.integers(2)) and way.activation == "Int8",
               "WeightSymmetric": way.weight != "UInt8" or bool(rng.integers(2))}
    return quantize(model, way, x, options), x[:8] * np.float32(1.2)


def named(name: str) -> tuple[onnx.ModelProto, np.ndarray]:
    """One of ``NAMES`` as the quantizer writes it, and samples."""
    architecture, way = NAMES[name]
    shape, grow = ARCHITECTURES[architecture]
    f = Floats(sorted(ARCHITECTURES).index(architecture))
    model = f.model(shape, *grow(f), opset=way.opset)
    x = f.numbers.normal(size=(32, *shape)).astype(np.float32)
    return quantize(model, way, x, {}), x[:4] * np.float32(1.2)

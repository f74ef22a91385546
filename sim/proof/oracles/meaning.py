"""What an ONNX file means, operator by operator, in float64 or in exact rationals.

It shares no code with qhw. The generator sizes its scales with it; where an executor in float32
differs from the golden, it says in rationals whether the sample lies on a tie.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import ceil, floor, isqrt
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from .windows import average_pool, conv, max_pool, transposed

__all__ = ["MEANING", "RANGES", "Meaning", "along", "attributes_of", "clipped", "means",
           "rationals", "to_codes"]

Operator = Callable[..., Any]
MEANING: dict[str, Operator] = {}
RANGES = {"uint8": (0, 255), "int8": (-128, 127), "uint16": (0, 65535), "int16": (-32768, 32767),
          "uint4": (0, 15), "int4": (-8, 7), "int32": (-2**31, 2**31 - 1)}


def means(*names: str):
    def register(operator: Operator) -> Operator:
        MEANING.update(dict.fromkeys(names, operator))
        return operator
    return register


def rationals(array: np.ndarray) -> np.ndarray:
    """Each number as the fraction that it is, or infinite."""
    if array.dtype == object:
        return array
    if array.dtype.kind in "iub" or array.dtype.name in RANGES:
        return _each(Fraction, array.astype(np.int64).astype(object))
    return _each(lambda v: v if np.isinf(v) else Fraction(v),
                 array.astype(np.float64).astype(object))


def _each(function: Callable[[Any], Any], array: np.ndarray) -> np.ndarray:
    return np.asarray(np.frompyfunc(function, 1, 1)(array), object) if array.size else array


def attributes_of(node: onnx.NodeProto) -> dict[str, Any]:
    found = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    return {k: v.decode() if isinstance(v, bytes) else v for k, v in found.items()}


class Meaning:
    """Evaluates nodes one after the other; ``values`` holds each tensor with its batch.

    ``near`` is how close to a tie each element of a rounded tensor came, in steps, relative to the
    largest magnitude that was rounded there.
    """

    def __init__(self, samples: int, *, exact: bool = False, opset: int = 13):
        self.exact, self.opset = exact, opset
        self.values: dict[str, np.ndarray] = {}
        self.types: dict[str, str] = {}
        self.samples = samples
        self.near: dict[str, np.ndarray] = {}
        self.fixed: dict[str, np.ndarray] = {}
        """Parameters, which files quantize in float32."""

    def give(self, name: str, array: np.ndarray, *, constant: bool = False) -> None:
        self.types[name] = array.dtype.name
        if constant:
            self.fixed[name] = array.astype(np.float32)
        if array.dtype.kind == "f" or array.dtype.name in RANGES:
            array = rationals(array) if self.exact else array.astype(np.float64)
        self.values[name] = array

    def run(self, node: onnx.NodeProto) -> None:
        inputs = [self.values[i] if i else None for i in node.input]
        self.node = node
        made = MEANING[node.op_type](self, attributes_of(node), *inputs)
        made = made if isinstance(made, list) else [made]
        for name, value in zip(node.output, made, strict=False):
            self.values[name] = np.asarray(value)

    def model(self, model: onnx.ModelProto, given: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        for name, array in given.items():
            self.give(name, array)
        for tensor in model.graph.initializer:
            self.give(tensor.name, numpy_helper.to_array(tensor), constant=True)
        for node in model.graph.node:
            self.run(node)
        return [self.values[o.name] for o in model.graph.output]

    # -- rounding, which is where ties are

    def rounded(self, x: np.ndarray, mode: str = "ROUND") -> np.ndarray:
        """Whole numbers; notes how close to a tie each was."""
        edge = 0.0 if mode in ("FLOOR", "CEIL", "UP", "DOWN", "ROUND_TO_ZERO") else 0.5
        self.note(abs(abs(x - np.floor(x.astype(np.float64)) - edge)) % 1, x)
        return _each(ROUNDINGS[mode], x) if self.exact else np.vectorize(
            ROUNDINGS[mode], otypes=[np.float64])(x)

    def note(self, distance: np.ndarray, x: np.ndarray) -> None:
        d = np.asarray(distance, np.float64)
        d = np.minimum(d, abs(1 - d)) / (1 + abs(np.asarray(x, np.float64)).max(initial=0))
        name = self.node.output[0]
        if d.ndim and len(d) == self.samples:
            self.near[name] = np.minimum(d, self.near[name]) if name in self.near else d

    def steps(self, x: np.ndarray, scale: np.ndarray, zero: np.ndarray | int = 0) -> np.ndarray:
        """What a quantizer rounds; of a parameter in float32, as every executor does it."""
        if self.node.input[0] not in self.fixed:
            return x / scale + zero
        narrow = (np.asarray(v, np.float64).astype(np.float32) for v in (x, scale, zero))
        a, b, c = narrow
        y = (a / b + c).astype(np.float64)
        return rationals(y) if self.exact else y

    def number(self, value: float) -> Any:
        """An attribute, which is a float32."""
        return Fraction(float(np.float32(value))) if self.exact else float(np.float32(value))

    def smooth(self, function: Operator, x: np.ndarray) -> np.ndarray:
        """A function that is no rational number, in float64."""
        y = function(x.astype(np.float64))
        return rationals(y) if self.exact else y


def _half(x: Any, whole: Callable[[Any], int]) -> int:
    """The nearest, and on a tie what ``whole`` makes of it."""
    low = floor(x)
    twice = 2 * (x - low)
    return low if twice < 1 else low + 1 if twice > 1 else whole(low)


ROUNDINGS: dict[str, Callable[[Any], Any]] = {
    "ROUND": round, "HALF_EVEN": round, "FLOOR": floor, "CEIL": ceil,
    "UP": lambda x: ceil(x) if x > 0 else floor(x),
    "DOWN": lambda x: floor(x) if x > 0 else ceil(x),
    "ROUND_TO_ZERO": lambda x: floor(x) if x > 0 else ceil(x),
    "HALF_UP": lambda x: _half(x, lambda low: low + 1 if low >= 0 else low),
    "HALF_DOWN": lambda x: _half(x, lambda low: low if low >= 0 else low + 1),
}


def clipped(x: np.ndarray, lo: Any, hi: Any) -> np.ndarray:
    return np.minimum(np.maximum(x, lo), hi)


@means("Constant")
def _constant(m: Meaning, a: dict):
    m.give(m.node.output[0], numpy_helper.to_array(a["value"]), constant=True)
    return m.values[m.node.output[0]]


# -- quantizers


@means("Quant", "IntQuant")
def _quant(m: Meaning, a: dict, x, scale, zero, bits):
    width, signed, narrow = int(bits.ravel()[0]), a.get("signed", 1), a.get("narrow", 0)
    if width == 1 and signed:
        steps = m.steps(x, scale, zero)
        m.note(abs(steps), steps)
        return (np.where(steps >= 0, 1, -1) - zero) * scale
    lo, hi = (-(1 << width - 1) + narrow, (1 << width - 1) - 1) if signed else (
        0, (1 << width) - 1 - narrow)
    steps = clipped(m.steps(x, scale, zero), lo, hi)
    return (m.rounded(steps, a.get("rounding_mode", "ROUND").upper()) - zero) * scale


@means("BipolarQuant")
def _bipolar(m: Meaning, a: dict, x, scale):
    m.note(abs(x / scale), x / scale)
    return np.where(x >= 0, scale, -scale)


@means("Trunc")
def _trunc(m: Meaning, a: dict, x, scale, zero, bits, second, out_bits=None):
    mode = a.get("rounding_mode", "FLOOR").upper()
    y = m.rounded(x / scale + zero)
    if out_bits is None:
        by = 1 << int(bits.ravel()[0] - second.ravel()[0])
        return (m.rounded(y / by, mode) - zero) * scale
    by = 1 << round(float(np.log2(np.float64(second.ravel()[0] / scale.ravel()[0]))))
    width, signed, narrow = int(out_bits.ravel()[0]), a.get("signed", 1), a.get("narrow", 0)
    lo, hi = (-(1 << width - 1) + narrow, (1 << width - 1) - 1) if signed else (
        0, (1 << width) - 1 - narrow)
    return (m.rounded(clipped(y / by, lo, hi), mode) - zero / by) * second


@means("MultiThreshold")
def _multi_threshold(m: Meaning, a: dict, x, thresholds):
    axis = (a.get("data_layout") or {3: "NWC"}.get(x.ndim, "NC")).index("C")
    moved = np.moveaxis(x, axis, -1)[..., None]
    m.note(abs(moved - thresholds), moved)
    y = (moved >= thresholds).sum(axis=-1) * m.number(a.get("out_scale", 1.0))
    return np.moveaxis(y + m.number(a.get("out_bias", 0.0)), -1, axis)


def along(array, axis: int, rank: int):
    if array.size == 1:
        return array.reshape(())
    shape = [1] * rank
    shape[axis % rank] = -1
    return array.reshape(shape)


def to_codes(m: Meaning, x, scale, zero, kind: str, axis: int = 1):
    scale = along(scale, axis, x.ndim)
    zero = 0 if zero is None else along(zero, axis, x.ndim)
    return clipped(m.rounded(m.steps(x, scale)) + zero, *RANGES[kind])


@means("QuantizeLinear")
def _quantize(m: Meaning, a: dict, x, scale, zero=None):
    kind = m.types[m.node.input[2]] if zero is not None else _output_type(a)
    m.types[m.node.output[0]] = kind
    return to_codes(m, x, scale, zero, kind, a.get("axis", 1))


def _output_type(a: dict) -> str:
    return np.dtype(onnx.helper.tensor_dtype_to_np_dtype(a.get("output_dtype", 0) or 2)).name


@means("DequantizeLinear")
def _dequantize(m: Meaning, a: dict, x, scale, zero=None):
    axis = a.get("axis", 1)
    return (x - (0 if zero is None else along(zero, axis, x.ndim))) * along(scale, axis, x.ndim)


# -- layers


@means("Conv", "ConvTranspose")
def _conv(m: Meaning, a: dict, x, w, bias=None):
    y = (conv if m.node.op_type == "Conv" else transposed)(x, w, a)
    return y if bias is None else y + along(bias, 1, y.ndim)


@means("Gemm")
def _gemm(m: Meaning, a: dict, x, w, c=None):
    x, w = x.T if a.get("transA", 0) else x, w.T if a.get("transB", 0) else w
    y = x @ w * m.number(a.get("alpha", 1.0))
    return y if c is None else y + c * m.number(a.get("beta", 1.0))


@means("BatchNormalization")
def _norm(m: Meaning, a: dict, x, gamma, beta, mean, variance):
    variance = variance + m.number(a.get("epsilon", 1e-5))
    root = _each(_root, variance) if m.exact else np.sqrt(variance)
    gamma, beta, mean, root = (along(v, 1, x.ndim) for v in (gamma, beta, mean, root))
    return (x - mean) * gamma / root + beta


def _root(x: Fraction) -> Fraction:
    """A square root to 200 bits, or exactly if there is one."""
    p, q = isqrt(x.numerator), isqrt(x.denominator)
    if p * p == x.numerator and q * q == x.denominator:
        return Fraction(p, q)
    return Fraction(isqrt((x.numerator << 400) // x.denominator), 1 << 200)


MEANING |= {
    "MatMul": lambda m, a, x, w: x @ w,
    "MaxPool": lambda m, a, x: max_pool(x, a),
    "AveragePool": lambda m, a, x: average_pool(x, a, m.exact),
    "GlobalMaxPool": lambda m, a, x: x.max(axis=tuple(range(2, x.ndim)), keepdims=True),
    "GlobalAveragePool": lambda m, a, x: _mean(m, x, tuple(range(2, x.ndim)), 1),
    "Add": lambda m, a, x, y: x + y, "Sub": lambda m, a, x, y: x - y,
    "Mul": lambda m, a, x, y: x * y, "Div": lambda m, a, x, y: x / y,
    "Neg": lambda m, a, x: -x, "Abs": lambda m, a, x: abs(x),
    "Relu": lambda m, a, x: np.maximum(x, 0), "Identity": lambda m, a, x: x,
    "Dropout": lambda m, a, x, *_: x,
    "LeakyRelu": lambda m, a, x: np.where(x < 0, x * m.number(a.get("alpha", .01)), x),
    "PRelu": lambda m, a, x, slope: np.where(x < 0, x * slope, x),
    "HardSigmoid": lambda m, a, x: clipped(
        x * m.number(a.get("alpha", .2)) + m.number(a.get("beta", .5)), 0, 1),
    "HardSwish": lambda m, a, x: x * clipped(x / (Fraction(6) if m.exact else 6) + m.number(.5),
                                             0, 1),
    "Sigmoid": lambda m, a, x: m.smooth(lambda v: 1 / (1 + np.exp(-v)), x),
    "Tanh": lambda m, a, x: m.smooth(np.tanh, x),
    "Softplus": lambda m, a, x: m.smooth(lambda v: np.logaddexp(v, 0), x),
    "Softsign": lambda m, a, x: x / (1 + abs(x)),
    "Concat": lambda m, a, *xs: np.concatenate(xs, axis=a["axis"]),
    "Transpose": lambda m, a, x: x.transpose(a.get("perm")),
    "Flatten": lambda m, a, x: x.reshape(int(np.prod(x.shape[:a.get("axis", 1)])), -1),
    "Cast": lambda m, a, x: x,
}


def _mean(m: Meaning, x, axes: tuple[int, ...], keep: int):
    count = int(np.prod([x.shape[k] for k in axes]))
    return x.sum(axis=axes, keepdims=bool(keep)) / (Fraction(count) if m.exact else count)


@means("ReduceMean")
def _reduce_mean(m: Meaning, a: dict, x, axes=None):
    axes = a.get("axes") if axes is None else axes.tolist()
    return _mean(m, x, tuple(int(k) % x.ndim for k in axes), a.get("keepdims", 1))


@means("Clip")
def _clip(m: Meaning, a: dict, x, lo=None, hi=None):
    lo = m.number(a["min"]) if "min" in a else lo
    hi = m.number(a["max"]) if "max" in a else hi
    x = x if lo is None else np.maximum(x, lo)
    return x if hi is None else np.minimum(x, hi)


@means("ArgMax")
def _argmax(m: Meaning, a: dict, x):
    axis, keep = a.get("axis", 0) % x.ndim, a.get("keepdims", 1)
    top = np.sort(x, axis=axis).take([-1, -2], axis=axis) if x.shape[axis] > 1 else None
    if top is not None:
        m.note(np.minimum(abs(top.take(0, axis) - top.take(1, axis)), Fraction(1, 2)), x)
    x = x.astype(np.float64) if not m.exact else x
    found = (x.shape[axis] - 1 - np.flip(x, axis).argmax(axis=axis)
             if a.get("select_last_index", 0) else x.argmax(axis=axis))
    return np.expand_dims(found, axis) if keep else found


@means("Softmax", "LogSoftmax")
def _softmax(m: Meaning, a: dict, x):
    """Before opset 13 over all dimensions from ``axis`` on."""
    old = m.opset < 13
    v = x.astype(np.float64)
    axes = tuple(range(a.get("axis", 1) % x.ndim, x.ndim)) if old else (a.get("axis", -1),)
    v = v - v.max(axis=axes, keepdims=True)
    total = np.exp(v).sum(axis=axes, keepdims=True)
    y = v - np.log(total) if m.node.op_type == "LogSoftmax" else np.exp(v) / total
    return rationals(y) if m.exact else y

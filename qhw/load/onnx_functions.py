"""ONNX's functions of one element, its moving of elements, and constants computed while reading."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import erf, prod

import numpy as np
import onnx

from ..num import Int, Rounding
from ..ops import (
    Affine,
    ArgMax,
    BatchNorm,
    Clamp,
    Divide,
    Function,
    LeakyRelu,
    Quantize,
    Relu,
    Softmax,
)
from .onnx_file import OnnxNode
from .onnx_reader import Reader, handles, rational, standard
from .onnx_values import Constant, Flow, Unsupported

__all__ = ["folded"]

MOVES = ("Transpose", "Reshape", "Unsqueeze", "Squeeze", "Flatten", "Identity")


def folded(reader: Reader, node: OnnxNode) -> list[Constant]:
    """The constants that a node makes of constants."""
    inputs = [reader.constant(node, k) for k in range(len(node.inputs)) if node.inputs[k]]
    if node.op in MOVES and inputs and inputs[0].integers is not None:
        rest = [c.value for c in inputs[1:]]
        return [inputs[0].moved(lambda a: _run(reader, node, [a, *rest])[0])]
    return [Constant(v) for v in _run(reader, node, [c.value for c in inputs])]


def _run(reader: Reader, node: OnnxNode, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """The node by ONNX's reference implementation."""
    return reader.file.computed.made(node, arrays, max(reader.file.opset, 7))


# -- functions


@handles("Relu")
def _relu(reader: Reader, node: OnnxNode):
    flow = reader.real(node)
    tensor = reader.tensors[flow.node]
    if tensor.codes is not None and tensor.value.lo >= tensor.zero:
        return flow
    return reader.each(Relu(), flow)


@handles("LeakyRelu", "PRelu")
def _leaky(reader: Reader, node: OnnxNode):
    flow = reader.real(node)
    slope = reader.array(node, 1) if node.op == "PRelu" else np.array([node("alpha", 0.01)])
    if slope.ndim == 1 and slope.size > 1 and reader.file.opset < 7:    # one a channel, then
        slope = slope.reshape(-1, *[1] * (len(flow.shape) - 1))
    if slope.min() < 0:
        raise Unsupported(f"a slope of {slope.min()} is not supported, only 0 and above")
    flow, (slopes,) = reader.channelwise(flow, slope)
    return reader.each(LeakyRelu(tuple(map(rational, slopes))), flow)


@handles("Clip")
def _clip(reader: Reader, node: OnnxNode):
    """Of whole numbers it is a quantizer; of codes it leaves fewer of them."""
    flow = reader.flow(node)
    ends = [None if v is None else float(v) for v in (node("min"), node("max"))]
    for k in (1, 2):
        if reader.value(node, k) is not None:
            ends[k - 1] = reader.number(node, k)
    lo, hi = ends
    if flow.codes is not None:
        return _fewer(reader, flow, lo, hi)
    if flow.whole and lo is not None and hi is not None and lo == int(lo) and hi == int(hi):
        return Flow(reader.add(Quantize(Int(int(lo), int(hi)), Fraction(1), 0, Rounding.FLOOR),
                               flow.node), flow.places)
    return reader.each(Clamp(*(None if v is None else rational(v) for v in (lo, hi))), flow)


def _fewer(reader: Reader, flow: Flow, lo: float | None, hi: float | None) -> Flow:
    """The quantizer before, with fewer codes."""
    op = reader.by_name[flow.node].op
    if not isinstance(op, Quantize):
        raise Unsupported("it clips codes that no quantizer made just before")
    codes = Int(op.codes.lo if lo is None else max(op.codes.lo, int(lo)),
                op.codes.hi if hi is None else min(op.codes.hi, int(hi)))
    name, = reader.by_name[flow.node].inputs
    return flow.at(reader.add(replace(op, codes=codes), name))


@handles("Mul", "Div")
def _scale(reader: Reader, node: OnnxNode):
    a, b = reader.value(node, 0), reader.value(node, 1)
    if isinstance(b, Constant):
        flow, factor = reader.real(node, 0), reader.array(node, 1)
    elif isinstance(a, Constant) and node.op == "Mul":
        flow, factor = reader.real(node, 1), reader.array(node, 0)
    else:
        raise Unsupported("products of two computed tensors are not supported")
    if node.op == "Mul":
        made = reader.affine(flow, factor, np.zeros(1))
        return Flow(made.node, made.places, whole=flow.whole and factor.dtype.kind in "iu")
    if (factor == 0).any():
        raise Unsupported("it divides by 0")
    if flow.whole:
        if factor.size != 1 or factor.item() < 0:
            raise Unsupported("integers are divided by one positive number only")
        return reader.each(Divide(int(factor.item())), flow)
    tensor, (divisors,) = reader.channelwise(flow, factor)
    return reader.each(Affine(tuple(1 / rational(d) for d in divisors),
                              (Fraction(0),) * len(divisors)), tensor)


@handles("Neg")
def _neg(reader: Reader, node: OnnxNode):
    return reader.affine(reader.real(node), np.full(1, -1.0), np.zeros(1))


@handles("BatchNormalization")
def _norm(reader: Reader, node: OnnxNode):
    flow = reader.real(node)
    shape = [-1] + [1] * (len(flow.shape) - 1)
    if "channels_last" in node.domain:
        shape = shape[::-1]
    arrays = [reader.array(node, k).astype(np.float64).reshape(shape) for k in range(1, 5)]
    epsilon = float(node("epsilon", 1e-5))
    if (arrays[3] + epsilon <= 0).any():
        raise Unsupported(f"its variance {arrays[3].min()} is not positive")
    flow, (gamma, beta, mean, variance) = reader.channelwise(flow, *arrays)
    return reader.each(BatchNorm(gamma, beta, mean, variance, epsilon), flow)


FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Tanh": np.tanh, "Abs": np.abs, "Exp": np.exp, "Sqrt": np.sqrt, "Erf": np.vectorize(erf),
    "Softplus": lambda x: np.logaddexp(x, 0), "HardSwish": lambda x: x * np.clip(x / 6 + .5, 0, 1),
    "Softsign": lambda x: x / (1 + np.abs(x)),
}


@handles(*FUNCTIONS)
def _function(reader: Reader, node: OnnxNode):
    return reader.each(Function(node.op.lower(), FUNCTIONS[node.op]), reader.real(node))


@handles("HardSigmoid")
def _hard_sigmoid(reader: Reader, node: OnnxNode):
    line = reader.affine(reader.real(node), np.array([node("alpha", 0.2)]),
                         np.array([node("beta", 0.5)]), name=f"{reader.current}_line")
    return reader.each(Clamp(Fraction(0), Fraction(1)), line)


@handles("Softmax", "LogSoftmax")
def _softmax(reader: Reader, node: OnnxNode):
    """Over all of a sample, or over one dimension; before opset 13 over all from ``axis`` on."""
    flow = reader.real(node)
    old = reader.file.opset < 13
    axis = reader.axis(int(node("axis", 1 if old else -1)), flow)
    over = flow.shape[axis:] if old else flow.shape[axis:axis + 1]
    op = Softmax(log=node.op == "LogSoftmax")
    if prod(over) == prod(flow.shape):
        return reader.each(op, reader.reshaped(flow, (prod(over),)))
    if len(over) > 1 or axis not in (0, len(flow.shape) - 1):
        raise Unsupported(f"it is over {over} of {flow.shape}; only all of a sample, the channels "
                          f"or the last dimension are supported")
    x = reader.image(flow, channels_last=axis > 0)
    made = reader.add(op, x.node)
    return Flow(made, standard(reader.tensors[made].shape, channels_last=axis > 0,
                               rank=len(flow.shape)))


@handles("ArgMax")
def _argmax(reader: Reader, node: OnnxNode):
    flow = reader.real(node)
    if len(flow.shape) != 1 or not np.array_equal(flow.places, np.arange(flow.places.size)):
        raise Unsupported("argmax is supported over a vector of classes only")
    if node("select_last_index", 0):
        raise Unsupported("of equals it takes the last; only the first is supported")
    reader.axis(int(node("axis", 0)), flow)
    made = reader.add(ArgMax(), flow.node)
    return Flow(made, np.zeros(1 if node("keepdims", 1) else (), np.int64), whole=True)


@handles("Cast")
def _cast(reader: Reader, node: OnnxNode):
    """Real numbers that become integers are rounded towards 0."""
    flow = reader.flow(node)
    whole = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(int(node("to", 1)))).kind in "iu"
    tensor = reader.tensors[flow.node]
    counts = tensor.codes is not None and (tensor.scale, tensor.zero) == (1, 0)
    if whole and not flow.whole and not counts:
        if flow.codes is not None:
            raise Unsupported("it casts codes that have a scale")
        flow = reader.each(Divide(1), flow)
    return Flow(flow.node, flow.places, flow.codes, whole or flow.whole)


@handles("Identity", "Dropout", "DebugMarker")
def _identity(reader: Reader, node: OnnxNode):
    return reader.flow(node)


# -- moving


@handles("Shape")
def _shape(reader: Reader, node: OnnxNode):
    value = reader.value(node, 0)
    if isinstance(value, Constant):
        return Constant(np.array(value.value.shape))
    flow = reader.flow(node)
    return Constant(np.array([1, *flow.shape] if reader.batch else flow.shape))


@handles("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Gather", "Slice")
def _move(reader: Reader, node: OnnxNode):
    """What the operator does to an array with one sample, it does to the places."""
    flow = reader.flow(node)
    rest = [reader.array(node, k) for k in range(1, len(node.inputs)) if node.inputs[k]]
    places = flow.places[None] if reader.batch else flow.places
    if node.op == "Reshape":
        rest = [np.array([places.size if n == -1 and len(rest[0]) == 1 else n
                          for n in _batched(rest[0], places)], np.int64)]
    moved, = _run(reader, node, [places, *rest])
    if reader.batch:
        if moved.ndim == 0 or moved.shape[0] != 1:
            raise Unsupported(f"it moves elements between samples (to shape {moved.shape})")
        moved = moved[0]
    return Flow(flow.node, moved, flow.codes, flow.whole)


def _batched(shape: np.ndarray, places: np.ndarray) -> list[int]:
    """A new shape; a first -1 is the batch if the others take all of a sample."""
    shape = shape.astype(np.int64)
    rest = shape[1:]
    if len(rest) and shape[0] == -1 and (rest > 0).all() and rest.prod() == places.size:
        return [1, *rest.tolist()]
    return shape.tolist()

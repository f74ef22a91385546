"""ONNX's own quantized forms: QuantizeLinear and DequantizeLinear, and operators on codes."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from ....exact.num import Int, Rounding
from ....layers import Recode
from ....layers.functions import NAMED
from ..file import OnnxNode
from ..operators import ANY, MICROSOFT, UNREAD, Only, given, handles
from ..reader import Reader, rational
from ..values import Constant, Flow, Unsupported
from .functions import sloped
from .joins import added, joined, multiplied
from .layers import WINDOW, biased, conv, dense
from .pools import AVERAGE, average
from .qonnx import positive, quantized

__all__ = ["one", "parameters", "real_of"]

RANGES = {"uint8": Int(0, 255), "int8": Int(-128, 127), "uint16": Int(0, 65535),
          "int16": Int(-32768, 32767), "uint4": Int(0, 15), "int4": Int(-8, 7),
          "int2": Int(-2, 1), "uint2": Int(0, 3), "int32": Int(-(1 << 31), (1 << 31) - 1)}
DTYPES = {2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 21: "uint4", 22: "int4"}
"""Types of codes by ONNX's number of them."""


def parameters(reader: Reader, node: OnnxNode, scale: int, zero: int, *, least: int = 1
               ) -> tuple[np.ndarray, np.ndarray, Int]:
    """Reads scale, zero point and the codes' interval of a node.

    Unsupported if a scale is not positive, or not at least 0 if ``least`` is 0.

    Parameters
    ----------
    reader : the reader, for constants
    node : the ONNX node
    scale, zero : index of the input that holds each parameter
    least : 0 if a scale of 0 is allowed, a number
    """
    scales = reader.array(node, scale).astype(np.float64)
    if least or (scales < 0).any():
        positive(scales)
    asked = node("output_dtype") or 0 if node.op == "QuantizeLinear" else 0
    if reader.value(node, zero) is None:
        zeros, dtype = np.zeros(1), DTYPES.get(asked or 2, f"number {asked}")
    else:
        zeros = reader.array(node, zero)
        dtype = str(zeros.dtype)
        if asked and DTYPES.get(asked) != dtype:
            raise Unsupported(f"its output_dtype {asked} is not the type of its zero point, "
                              f"{dtype}")
    if dtype not in RANGES:
        raise Unsupported(f"codes of type {dtype} are not supported ({', '.join(RANGES)})")
    if node.version == 10 and max(scales.size, zeros.size) > 1 and "Quantize" in node.op:
        raise Unsupported("it has several scales, which opset 10 does not know")
    return scales, zeros.astype(np.int64), RANGES[dtype]


def one(scale: np.ndarray, zero: np.ndarray) -> tuple[Fraction, Fraction]:
    """Returns the scale and the zero point of an activation; Unsupported if it has more than one of
    each."""
    if scale.size != 1 or zero.size != 1:
        raise Unsupported("an activation's scale must be one number")
    return rational(scale.item()), Fraction(int(zero.item()))


BLOCK = Only(0, help="quantize per tensor or per channel")


def along(array: np.ndarray, axis: int, rank: int) -> np.ndarray:
    """Reshapes a parameter (n,) of one axis for broadcasting; Unsupported if there is no such axis.

    Parameters
    ----------
    array : (n,), or () for one number
    axis : index of the axis; any for a vector, as tf2onnx gives a bias the axis of its weights
    rank : number of dimensions
    """
    if array.ndim != 1 or array.size == 1:
        return array
    if rank > 1 and not -rank <= axis < rank:
        raise Unsupported(f"its axis is {axis}, and its input has {rank} dimensions")
    shape = [1] * rank
    shape[axis % rank] = -1
    return array.reshape(shape)


@handles("QuantizeLinear", versions=(10, 13, 19, 21, 23, 24, 25, 28), axis=ANY, saturate=UNREAD,
         block_size=BLOCK, output_dtype=ANY, precision=Only(0))
@handles("QuantizeLinear", domains=MICROSOFT, inputs=(2, 3), axis=given(1))
def _quantize(reader: Reader, node: OnnxNode):
    value = reader.value(node, 0)
    if not isinstance(value, Constant):
        return _codes_of(reader, reader.real(node), node, 1, 2)
    scale, zero, codes = parameters(reader, node, 1, 2)
    axis, rank = node("axis") or 0, value.value.ndim
    steps = reader.array(node, 0).astype(np.float32) / along(scale, axis, rank).astype(np.float32)
    steps = np.rint(steps) + along(zero, axis, rank)
    return Constant(np.clip(steps, codes.lo, codes.hi).astype(np.int64))


@handles("DequantizeLinear", versions=(10, 13, 19, 21, 23, 24, 25, 28), axis=ANY, block_size=BLOCK,
         output_dtype=Only(0, 1))
@handles("DequantizeLinear", domains=MICROSOFT, inputs=(2, 3), axis=given(1))
def _dequantize(reader: Reader, node: OnnxNode):
    if isinstance(reader.value(node, 0), Constant):
        return _weights(reader, node, 0, node("axis") or 0)
    return _input(reader, node, 0)


def real_of(reader: Reader, flow: Flow, scale: np.ndarray, zero: np.ndarray) -> Flow:
    """Adds the dequantization of a flow's codes to ``reader``: ``scale * (code - zero)``.

    ``flow`` holds the codes; ``scale`` and ``zero`` are (channels,) or (). Unsupported if they do
    not fit the codes."""
    meant, tensor = one(scale, zero), reader.tensors[flow.node]
    if flow.codes is None and tensor.codes is None:
        raise Unsupported("its input is not quantized")
    now = tensor.scale, tensor.zero
    if flow.codes is None and now != (1, 0):
        raise Unsupported("it dequantizes real numbers")
    if meant != now:
        flow = reader.each(Recode(*meant), flow)
    return Flow(flow.node, flow.places)


def _codes_of(reader: Reader, flow: Flow, node: OnnxNode, scale: int, zero: int, *,
              zero_last: bool = True) -> Flow:
    """Codes of an operator's result, of the scale and zero point that are such inputs."""
    scales, zeros, codes = parameters(reader, node, scale, zero)
    meant = one(scales, zeros)
    made = quantized(reader, flow, codes, scales, zeros, Rounding.HALF_EVEN, zero_last=zero_last)
    return replace(made, codes=meant, whole=True)


def _input(reader: Reader, node: OnnxNode, k: int) -> Flow:
    scale, zero, _ = parameters(reader, node, k + 1, k + 2)
    return real_of(reader, reader.flow(node, k), scale, zero)


def _weights(reader: Reader, node: OnnxNode, k: int, axis: int) -> Constant:
    """Constants of what codes stand for; with a scale of 0 that is 0, whatever they are."""
    scale, zero, _ = parameters(reader, node, k + 1, k + 2, least=0)
    value = reader.array(node, k)
    scale, zero = (along(v, axis, value.ndim) for v in (scale, zero))
    integers = (value.astype(np.int64) - zero) * (scale > 0)
    return Constant.quantized(integers, np.where(scale > 0, scale, 1))


@handles("QLinearConv", versions=(10,), also=WINDOW, group=ANY)
def _qlinear_conv(reader: Reader, node: OnnxNode):
    x, weights = _input(reader, node, 0), _weights(reader, node, 3, 0)
    bias = None
    if reader.value(node, 8) is not None:
        units = reader.number(node, 1) * reader.array(node, 4).astype(np.float64)
        bias = Constant(reader.array(node, 8) * units)
    return _codes_of(reader, conv(reader, node, x, weights, bias), node, 6, 7)


@handles("ConvInteger", versions=(10,), also=WINDOW, group=ANY)
def _conv_integer(reader: Reader, node: OnnxNode):
    return replace(conv(reader, node, *_integers(reader, node, 0), None), whole=True)


@handles("MatMulInteger", versions=(10,))
def _matmul_integer(reader: Reader, node: OnnxNode):
    return replace(dense(reader, *_integers(reader, node, 1), None), whole=True)


def _integers(reader: Reader, node: OnnxNode, axis: int) -> tuple[Flow, Constant]:
    """Codes and integer weights, less their zero points; zero points of weights may lie along
    ``axis``."""
    zeros = [np.zeros((), np.int64) if reader.value(node, k) is None
             else reader.array(node, k).astype(np.int64) for k in (2, 3)]
    value = reader.array(node, 1)
    weights = value.astype(np.int64) - along(zeros[1], axis, value.ndim)
    x = real_of(reader, reader.flow(node), np.ones(1), zeros[0])
    return x, Constant.quantized(weights, np.ones(1))


@handles("QLinearMatMul", versions=(10, 21))
def _qlinear_matmul(reader: Reader, node: OnnxNode):
    out = dense(reader, _input(reader, node, 0), _weights(reader, node, 3, 1), None)
    return _codes_of(reader, out, node, 6, 7)


@handles("QGemm", domains=MICROSOFT, inputs=(6, 9), alpha=given(1.0), transB=given(0),
         transA=Only(0, help="put a Transpose before it"))
def _qgemm(reader: Reader, node: OnnxNode):
    """ONNX Runtime's: a, its scale and zero, b, its scale and zero, c, and those of y."""
    weights = _weights(reader, node, 3, 0 if node("transB") else 1)
    if node("transB"):
        weights = weights.moved(lambda a: a.T)
    out = dense(reader, _input(reader, node, 0), weights, None)
    alpha = float(node("alpha"))
    if alpha != 1:
        out = reader.affine(out, np.array([alpha]), np.zeros(1))
    if reader.value(node, 6) is not None:
        units = alpha * reader.number(node, 1) * reader.array(node, 4).astype(np.float64)
        out = biased(reader, out, Constant(reader.array(node, 6) * units), -1)
    return out if reader.value(node, 7) is None else _codes_of(reader, out, node, 7, 8)


@handles("QLinearAdd", domains=MICROSOFT, inputs=(7, 8))
def _qlinear_add(reader: Reader, node: OnnxNode):
    """ONNX Runtime adds the zero point before it rounds."""
    x, y = _operands(reader, node)
    total = added(reader, x, y) if isinstance(y, Flow) else reader.affine(x, np.ones(1), y)
    return _codes_of(reader, total, node, 6, 7, zero_last=False)


def _operands(reader: Reader, node: OnnxNode) -> tuple[Flow, Flow | np.ndarray]:
    """The real numbers of two inputs in either order, the constant one behind."""
    constant = [k for k in (0, 3) if isinstance(reader.value(node, k), Constant)]
    if not constant:
        return _input(reader, node, 0), _input(reader, node, 3)
    k, = constant[:1]
    scale, zero, _ = parameters(reader, node, k + 1, k + 2)
    _ = one(scale, zero)
    return _input(reader, node, 3 - k), scale * (reader.array(node, k).astype(np.int64) - zero)


@handles("QLinearConcat", domains=MICROSOFT, inputs=(5, 1 << 16), axis=given(None))
def _qlinear_concat(reader: Reader, node: OnnxNode):
    """The scale and zero point of the result, and then three inputs for each that it joins."""
    if node("axis") is None or len(node.inputs) % 3 != 2:
        raise Unsupported("it needs an axis, and three inputs for each that it joins")
    flows = [_input(reader, node, k) for k in range(2, len(node.inputs), 3)]
    return _codes_of(reader, joined(reader, flows, node("axis")), node, 0, 1)


@handles("QLinearMul", domains=MICROSOFT, inputs=(7, 8))
def _qlinear_mul(reader: Reader, node: OnnxNode):
    """ONNX Runtime adds the zero point before it rounds."""
    x, y = _operands(reader, node)
    made = multiplied(reader, x, y) if isinstance(y, Flow) else reader.affine(x, y, np.zeros(1))
    return _codes_of(reader, made, node, 6, 7, zero_last=False)


@handles("QLinearSigmoid", domains=MICROSOFT, inputs=(4, 5))
def _qlinear_sigmoid(reader: Reader, node: OnnxNode):
    flow = reader.packed(_input(reader, node, 0))
    made = reader.each(NAMED["sigmoid"], flow)
    return _codes_of(reader, made, node, 3, 4)


@handles("QLinearLeakyRelu", domains=MICROSOFT, inputs=(4, 5), alpha=given(float(np.float32(.01))))
def _qlinear_leaky(reader: Reader, node: OnnxNode):
    made = sloped(reader, _input(reader, node, 0), np.array([node("alpha")]))
    return _codes_of(reader, made, node, 3, 4)


@handles("QLinearAveragePool", domains=MICROSOFT, inputs=(4, 5), also=AVERAGE,
         channels_last=given(0))
@handles("QLinearGlobalAveragePool", domains=MICROSOFT, inputs=(4, 5), channels_last=given(0))
def _qlinear_average(reader: Reader, node: OnnxNode):
    """ONNX Runtime adds the zero point before it rounds; after that in global averages."""
    return _codes_of(reader, average(reader, node, _input(reader, node, 0)), node, 3, 4,
                     zero_last="Global" in node.op)

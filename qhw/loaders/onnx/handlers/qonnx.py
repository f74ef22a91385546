"""QONNX's quantizers: Quant, BipolarQuant, Trunc, IntQuant, MultiThreshold.

Pappalardo et al., "QONNX: Representing Arbitrary-Precision Quantized Neural Networks", 2022 (arXiv
2206.07527). Weights are quantized in float32 as QONNX's executor does it; activations exactly.
"""

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ....exact.num import Int, Rounding
from ....layers import Affine, MultiThreshold, Quantize, Sign, Truncate
from ....layers.pool import AveragePool
from ..file import OnnxNode
from ..operators import QONNX, UNREAD, Only, given, handles
from ..reader import Reader, rational
from ..values import Constant, Flow, Unsupported

__all__ = ["quantized"]

ROUNDINGS = {"ROUND": Rounding.HALF_EVEN, "HALF_EVEN": Rounding.HALF_EVEN, "CEIL": Rounding.CEIL,
             "FLOOR": Rounding.FLOOR, "UP": Rounding.AWAY, "DOWN": Rounding.ZERO,
             "ROUND_TO_ZERO": Rounding.ZERO, "HALF_UP": Rounding.HALF_AWAY,
             "HALF_DOWN": Rounding.HALF_ZERO}


def rounding(node: OnnxNode) -> Rounding:
    """Reads the rounding mode of a node; Unsupported for unknown modes."""
    name = str(node("rounding_mode")).upper()
    if name not in ROUNDINGS:
        raise Unsupported(f"rounding_mode {name} is not known ({', '.join(ROUNDINGS)})")
    return ROUNDINGS[name]


def positive(array: np.ndarray, what: str = "scale") -> np.ndarray:
    """Returns ``array``, of any shape; Unsupported, with ``what`` as its name, unless all numbers
    are positive."""
    if not (array > 0).all():
        raise Unsupported(f"its {what} {array.ravel()[~(array > 0).ravel()][0]} is not positive")
    return array


def bits(reader: Reader, node: OnnxNode, k: int) -> int:
    """Reads the bit width in input ``k``, an index, of ``node`` from ``reader``; Unsupported unless
    it is 1 to 32."""
    found = reader.number(node, k)
    if found != int(found) or not 1 <= found <= 32:
        raise Unsupported(f"a bit width of {found:g} is not supported, only 1 to 32")
    return int(found)


def quantized(reader: Reader, flow: Flow, codes: Int, scale: np.ndarray, zero: np.ndarray,
              how: Rounding, *, zero_last: bool = False) -> Flow:
    """Adds a quantizer; with one scale a channel it quantizes the scaled channels.

    Parameters
    ----------
    reader : the reader to add layers to
    flow : the input
    codes : interval of the codes
    scale, zero : (channels,) or ()
    how : the rounding
    zero_last : whether the zero point is added after rounding
    """
    if zero.size != 1 or zero.item() != int(zero.item()):
        raise Unsupported(f"its zero point must be one whole number, not {zero.ravel()[:3]}")
    if codes.hi - codes.lo >= 1 << 16:
        raise Unsupported(f"activations of {codes.width} bits are not supported, only to 16")
    z = int(zero.item())
    made = Quantize(codes, Fraction(1), z, how, zero_last=zero_last)
    flow, (scales,) = reader.channelwise(flow, scale)
    if (scales == scales[0]).all():
        return reader.each(replace(made, scale=rational(scales[0])), flow)
    nothing, each = (Fraction(0),) * len(scales), tuple(map(rational, scales))
    flow = reader.each(Affine(tuple(1 / s for s in each), nothing), flow)
    flow = reader.each(made, flow)
    return reader.each(Affine(each, nothing), flow)


def interval(width: int, signed: bool, narrow: bool) -> Int:
    """Makes the interval of ``width`` bits, two's complement if ``signed``.

    QONNX's ``narrow`` leaves out the highest code of unsigned numbers, the lowest of signed ones.
    """
    return Int.of_bits(width, signed=True, narrow=narrow) if signed else Int(
        0, (1 << width) - 1 - narrow)


FLAG = Only(0, 1)


@handles("Quant", "IntQuant", domains=QONNX, inputs=(4, 4), signed=Only(1, 0), narrow=FLAG,
         rounding_mode=given("ROUND"))
def _quant(reader: Reader, node: OnnxNode):
    scale, zero = positive(reader.array(node, 1)), reader.array(node, 2)
    width = bits(reader, node, 3)
    signed, narrow = bool(node("signed")), bool(node("narrow"))
    if width == 1 and signed:
        if zero.any():
            raise Unsupported(f"one signed bit with a zero point {zero.ravel()[0]:g} is not "
                              f"supported")
        return _bipolar(reader, node)
    codes, how = interval(width, signed, narrow), rounding(node)
    value = reader.value(node, 0)
    if not isinstance(value, Constant):
        return quantized(reader, reader.real(node), codes, scale, zero, how)
    weights = reader.array(node, 0)
    steps = weights.astype(np.float32) / scale.astype(np.float32) + zero.astype(np.float32)
    integers = how.real(np.clip(steps, codes.lo, codes.hi)).astype(np.int64)
    return Constant.quantized(integers - zero.astype(np.int64), scale)


@handles("BipolarQuant", domains=QONNX, inputs=(2, 2))
def _bipolar(reader: Reader, node: OnnxNode):
    scale = positive(reader.array(node, 1))
    value = reader.value(node, 0)
    if isinstance(value, Constant):
        return Constant.quantized(np.where(reader.array(node, 0) >= 0, 1, -1), scale)
    if scale.size != 1:
        raise Unsupported("an activation's scale must be one number")
    return reader.each(Sign(rational(scale.item())), reader.real(node))


@handles("Trunc", domains=QONNX, inputs=(5, 6), rounding_mode=given("FLOOR"), signed=Only(1, 0),
         narrow=FLAG)
def _trunc(reader: Reader, node: OnnxNode):
    """The older form has 5 inputs, the newer one a scale of its own for the output."""
    scale, zero = positive(reader.array(node, 1)), reader.array(node, 2)
    if scale.size != 1 or zero.size != 1:
        raise Unsupported("its scale and zero point must be one number each")
    x_scale, x_zero, how = rational(scale.item()), rational(zero.item()), rounding(node)
    if len(node.inputs) == 6:
        y_scale = positive(reader.array(node, 4))
        shift = round(float(np.log2(y_scale.item() / scale.item())))
        codes = interval(bits(reader, node, 5), bool(node("signed")), bool(node("narrow")))
        op = Truncate(codes, x_scale, x_zero, shift, rational(y_scale.item()),
                      x_zero / (1 << max(shift, 0)), how)
    else:
        shift = bits(reader, node, 3) - bits(reader, node, 4)
        flow = reader.real(node)
        op = Truncate(_reach(reader, flow, x_scale, x_zero, shift), x_scale, x_zero, shift,
                      x_scale, x_zero, how)
    if shift < 0:
        raise Unsupported(f"it would add {-shift} bits")
    return reader.each(op, reader.real(node))


def _reach(reader: Reader, flow: Flow, scale: Fraction, zero: Fraction, shift: int) -> Int:
    """The codes that an input without a clip can have: scaled codes of the quantizer before it."""
    name, ways = flow.node, list[Affine]()
    while (tensor := reader.tensors[name]).codes is None:
        node = reader.by_name[name]
        if isinstance(node.op, Affine):
            ways.append(node.op)
        elif not isinstance(node.op, AveragePool):
            raise Unsupported("its input has no known range", "put a Quant before it")
        name, = node.inputs
    ends = [(v - tensor.zero) * tensor.scale for v in (tensor.value.lo, tensor.value.hi)]
    for op in reversed(ways):
        every = [a * v + b for a, b in zip(op.slope, op.offset, strict=True) for v in ends]
        ends = [min(every), max(every)]
    lo, hi = (int(np.floor(float(v / scale + zero) / 2**shift)) for v in ends)
    return Int(lo, hi + 1)


LAYOUTS = {1: "NC", 2: "NWC", 3: "NCHW"}
"""QONNX's guess by the number of dimensions without the batch."""


@handles("MultiThreshold", domains=QONNX, inputs=(2, 2), out_scale=given(1.0), out_bias=given(0.0),
         data_layout=given(""), out_dtype=UNREAD)
def _multi_threshold(reader: Reader, node: OnnxNode):
    flow = reader.real(node)
    rank = len(flow.shape)
    layout = node("data_layout") or LAYOUTS.get(rank, "NC")
    channel = layout.find("C") - 1
    if not re.fullmatch("N[A-Z]*", layout) or not 0 <= channel < rank or (
            len(layout) != rank + 1 and layout != "NC"):
        raise Unsupported(f"its data_layout {layout} does not fit {rank + 1} dimensions")
    thresholds = reader.array(node, 1)
    if thresholds.ndim != 2 or len(thresholds) not in (1, flow.shape[channel]):
        raise Unsupported(f"thresholds of shape {thresholds.shape} do not fit {flow.shape}, of "
                          f"layout {layout}")
    scale, bias = rational(node("out_scale")), rational(node("out_bias"))
    if scale <= 0:
        raise Unsupported(f"its out_scale {float(scale)} is not positive")
    if len(thresholds) > 1:
        shape = [1] * rank
        shape[channel] = -1
        flow, rows = reader.channelwise(flow, *(t.reshape(shape) for t in thresholds.T))
        thresholds = np.stack(rows, axis=1)
    return reader.each(MultiThreshold(np.sort(thresholds, axis=1), scale, -bias / scale), flow)

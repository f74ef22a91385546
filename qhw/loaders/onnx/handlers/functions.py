"""ONNX's functions of one element, scales and batch norm."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import onnx

from ....exact.num import Int, Rounding
from ....layers import (
    Affine,
    BatchNorm,
    Clamp,
    Divide,
    LeakyRelu,
    Quantize,
    Relu,
    Round,
)
from ....layers.functions import NAMED
from ..file import OnnxNode
from ..operators import ANY, CHANNELS_LAST, ENDLESS, UNREAD, Only, given, handles
from ..reader import Reader, rational
from ..values import Constant, Flow, Unsupported, claimed
from .joins import added, multiplied

__all__ = ["sloped"]


@handles("Relu", versions=(6, 13, 14))
def _relu(reader: Reader, node: OnnxNode):
    flow = reader.real(node)
    tensor = reader.tensors[flow.node]
    if tensor.codes is not None and tensor.value.lo >= tensor.zero:
        return flow
    return reader.each(Relu(), flow, whole=flow.whole)


@handles("LeakyRelu", versions=(6, 16), alpha=ANY)
def _leaky(reader: Reader, node: OnnxNode):
    return sloped(reader, reader.real(node), np.array([node("alpha")]))


@handles("PRelu", versions=(7, 9, 16))
def _prelu(reader: Reader, node: OnnxNode):
    return sloped(reader, reader.real(node), reader.array(node, 1))


def sloped(reader: Reader, flow: Flow, slope: np.ndarray) -> Flow:
    """Adds ``slope * x`` below 0 and x from there on to ``reader``.

    ``slope`` broadcasts to the shape of ``flow``. If it is negative somewhere, the function neither
    rises nor falls, and becomes ``max(x, 0) - slope * max(-x, 0)``."""
    flow, (slopes,) = reader.channelwise(flow, slope)
    if slope.min() < 0:
        return added(reader, reader.each(Relu(), flow, f"{reader.current}_above"),
                     _turned(reader, flow, tuple(-rational(s) for s in slopes)))
    return reader.each(LeakyRelu(tuple(map(rational, slopes))), flow)


def _turned(reader: Reader, flow: Flow, factors: tuple[Fraction, ...]) -> Flow:
    """The negative part of a whole layer, made positive, times a factor for each channel."""
    nothing, ones = (Fraction(0),) * len(factors), (Fraction(-1),) * len(factors)
    below = reader.each(Affine(ones, nothing), flow, f"{reader.current}_negated")
    below = reader.each(Relu(), below, f"{reader.current}_below")
    return reader.each(Affine(factors, nothing), below, f"{reader.current}_slopes")


@handles("Clip", versions=(6, 11, 12, 13), min=ENDLESS, max=ENDLESS, notes={"out_bits": ANY})
def _clip(reader: Reader, node: OnnxNode):
    """Of whole numbers it is a quantizer; of codes it leaves fewer of them."""
    flow = reader.flow(node)
    lo, hi = _ends(reader, node)
    if lo is None and hi is None:
        return flow
    if lo is not None and hi is not None:
        if lo > hi:
            raise Unsupported(f"its least value {lo:g} is above the most, {hi:g}")
        claimed(np.array([hi - lo]), node("out_bits"), "range")
    if flow.codes is not None:
        return _fewer(reader, flow, lo, hi)
    if flow.whole and lo is not None and hi is not None and lo == int(lo) and hi == int(hi):
        return Flow(reader.add(Quantize(Int(int(lo), int(hi)), Fraction(1), 0, Rounding.FLOOR),
                               flow.node), flow.places)
    return reader.each(Clamp(*(None if v is None else rational(v) for v in (lo, hi))), flow)


def _ends(reader: Reader, node: OnnxNode) -> list[float | None]:
    """The least and the most; None where it is as good as infinite."""
    if node.version < 11:
        ends = [node("min"), node("max")]
    else:
        ends = [None if reader.value(node, k) is None else reader.number(node, k, infinite=True)
                for k in (1, 2)]
    found: list[float | None] = []
    for end, sign in zip(ends, (-1, 1), strict=True):
        if end is None or sign * end >= float(np.finfo(np.float32).max):
            found.append(None)
        elif abs(end) == np.inf:
            raise Unsupported(f"its limits are {ends[0]} and {ends[1]}")
        else:
            found.append(float(end))
    return found


def _fewer(reader: Reader, flow: Flow, lo: float | None, hi: float | None) -> Flow:
    """The quantizer before, with fewer codes."""
    op = reader.by_name[flow.node].op
    if not isinstance(op, Quantize):
        raise Unsupported("it clips codes, but no quantizer is directly before it")
    least, most = (codes.nearest(int(v)) if v is not None else end for codes, v, end in (
        (op.codes, lo, op.codes.lo), (op.codes, hi, op.codes.hi)))
    name, = reader.by_name[flow.node].inputs
    return flow.at(reader.add(replace(op, codes=Int(least, most)), name))


@handles("Mul", "Div", versions=(7, 13, 14), notes={"mult_bits": ANY})
def _scale(reader: Reader, node: OnnxNode):
    a, b = reader.value(node, 0), reader.value(node, 1)
    if isinstance(b, Constant):
        flow, factor = reader.real(node, 0), reader.array(node, 1)
    elif isinstance(a, Constant) and node.op == "Mul":
        flow, factor = reader.real(node, 1), reader.array(node, 0)
    elif node.op == "Mul":
        return multiplied(reader, reader.real(node, 0), reader.real(node, 1))
    else:
        raise Unsupported("it divides by a computed tensor, which is not supported")
    claimed(factor, node("mult_bits"), "factor")
    if node.op == "Mul":
        return reader.affine(flow, factor, np.zeros(1))
    if (factor == 0).any():
        raise Unsupported("it divides by 0")
    if factor.dtype.kind in "iu":
        if factor.size != 1 or factor.item() < 0:
            raise Unsupported("integers are divided by one positive number only")
        return reader.each(Divide(int(factor.item())), flow, whole=True)
    tensor, (divisors,) = reader.channelwise(flow, factor)
    return reader.each(Affine(tuple(1 / rational(d) for d in divisors),
                              (Fraction(0),) * len(divisors)), tensor)


@handles("Neg", versions=(6, 13))
def _neg(reader: Reader, node: OnnxNode):
    return reader.affine(reader.real(node), np.full(1, -1.0), np.zeros(1))


@handles("BatchNormalization", versions=(7, 9, 14, 15), epsilon=ANY, momentum=UNREAD,
         spatial=Only(1), training_mode=Only(0, help="export the network for inference"))
@handles("BatchNormalization", domains=CHANNELS_LAST, inputs=(5, 5), momentum=UNREAD,
         epsilon=given(float(np.float32(1e-5))))
def _norm(reader: Reader, node: OnnxNode):
    flow = reader.real(node)
    shape = [-1] + [1] * (len(flow.shape) - 1)
    if node.domain in CHANNELS_LAST:
        shape = shape[::-1]
    arrays = [reader.array(node, k).astype(np.float64).reshape(shape) for k in range(1, 5)]
    epsilon = float(node("epsilon"))
    if (arrays[3] + epsilon <= 0).any():
        raise Unsupported(f"its variance {arrays[3].min()} is not positive")
    flow, (gamma, beta, mean, variance) = reader.channelwise(flow, *arrays)
    return reader.each(BatchNorm(gamma, beta, mean, variance, epsilon), flow)


FUNCTIONS: dict[str, tuple[int, ...]] = {
    "Sigmoid": (6, 13), "Tanh": (6, 13), "Abs": (6, 13), "Exp": (6, 13), "Sqrt": (6, 13),
    "Erf": (9, 13), "Softplus": (1, 22), "HardSwish": (14, 22), "Softsign": (1, 22)}
"""Versions of functions of single elements, which tables can replace."""


def _function(reader: Reader, node: OnnxNode):
    return reader.each(NAMED[node.op.lower()], reader.packed(reader.real(node)))


for _name, _versions in FUNCTIONS.items():
    handles(_name, versions=_versions)(_function)


@handles("HardSigmoid", versions=(6, 22), alpha=ANY, beta=ANY)
def _hard_sigmoid(reader: Reader, node: OnnxNode):
    line = reader.affine(reader.real(node), np.array([node("alpha")]), np.array([node("beta")]),
                         name=f"{reader.current}_line")
    return reader.each(Clamp(Fraction(0), Fraction(1)), line)


ROUNDINGS = {"Floor": Rounding.FLOOR, "Ceil": Rounding.CEIL, "Round": Rounding.HALF_EVEN}


@handles("Floor", "Ceil", versions=(6, 13))
@handles("Round", versions=(11, 22))
def _round(reader: Reader, node: OnnxNode):
    flow = reader.real(node)
    return reader.each(Round(ROUNDINGS[node.op]), flow, whole=True)


CASTS = {"float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "int64"}


@handles("Cast", versions=(6, 9, 13, 19, 21, 23, 24, 25, 28), to=ANY, saturate=Only(1),
         round_mode=Only("up"))
def _cast(reader: Reader, node: OnnxNode):
    """Real numbers that become integers are rounded towards 0."""
    flow = reader.flow(node)
    dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(int(node("to"))))
    if dtype.name not in CASTS:
        raise Unsupported(f"it casts to {dtype.name}, and only {', '.join(sorted(CASTS))} are "
                          f"supported")
    tensor = reader.tensors[flow.node]
    if dtype.kind == "f":
        return Flow(flow.node, flow.places, flow.codes, flow.whole)
    if flow.codes is not None:
        ends = tensor.integer
    elif tensor.codes is not None:
        ends = Int(*(int(tensor.scale * (v - tensor.zero)) for v in (tensor.value.lo,
                                                                     tensor.value.hi)))
    elif dtype.itemsize >= 4:
        ends = Int(0, 0)        # sums of codes; they are below 2**31 wherever they become hardware
    else:
        raise Unsupported(f"it casts numbers of unknown size to {dtype.name}",
                          "put a quantizer before it")
    info = np.iinfo(dtype)
    if ends.lo < info.min or ends.hi > info.max:
        raise Unsupported(f"it casts {ends} to {dtype.name}, which cannot hold them")
    counts = tensor.codes is not None and (tensor.scale, tensor.zero) == (1, 0)
    if not flow.whole and not counts:
        if flow.codes is not None:
            raise Unsupported("it casts codes that have a scale")
        flow = reader.each(Divide(1), flow, whole=True)
    return Flow(flow.node, flow.places, flow.codes, whole=True)


@handles("Identity", versions=(1, 13, 14, 16, 19, 21, 23, 24, 25))
@handles("DebugMarker", domains=("qonnx.custom_op.general",), export_debug_name=UNREAD)
def _identity(reader: Reader, node: OnnxNode):
    return reader.flow(node)


@handles("Dropout", versions=(7, 10, 12, 13, 22), ratio=UNREAD, seed=UNREAD)
def _dropout(reader: Reader, node: OnnxNode):
    if reader.value(node, 2) is not None and reader.number(node, 2):
        raise Unsupported("it drops at random (training_mode)", "export the network for inference")
    return reader.flow(node)

"""TFLite's operators on two tensors: both inputs are rescaled to one finer scale before they
meet."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import prod

import numpy as np

from .... import limits
from ....exact.num import Int
from ....layers import Add, Quantize, Rescale
from ....layers.product import Product
from ....layers.rescale import WORD, fixed_point
from ..kernels import fitting
from ..operators import handles
from ..reader import Reader
from ..values import Coding, Flow, TFLiteNode, TFLiteTensor, Unsupported
from .moves import repeated

__all__ = ["branched"]


def pair(reader: Reader, node: TFLiteNode) -> tuple[tuple[Flow | np.ndarray, Flow | np.ndarray],
                                                    tuple[int, ...]]:
    """Returns both inputs in the shape of the result: a computed one as a flow, a constant as its
    codes."""
    values = [reader.values.get(k) for k in node.inputs]
    flows = [None if isinstance(v, TFLiteTensor) else reader.flow(node, k)
             for k, v in enumerate(values)]
    types, shapes = zip(*((reader.tensor(k).type, reader.tensor(k).shape) for k in node.inputs),
                        strict=True)
    if len(set(types)) > 1:
        raise Unsupported(f"its inputs are of the types {' and '.join(types)}")
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise Unsupported(f"its inputs have the shapes {list(shapes[0])} and {list(shapes[1])}"
                          ) from None
    if prod(shape) > limits.LAYER_ELEMENTS:
        raise Unsupported(f"its result would have {prod(shape)} elements, more than "
                          f"{limits.LAYER_ELEMENTS}")
    if flows == [None, None]:
        raise Unsupported("both of its inputs are constants", "compute it before")
    whole = [flow and repeated(reader, flow, shape, "ab"[k]) for k, flow in enumerate(flows)]
    same = iter(alike(reader, [flow for flow in whole if flow]))
    a, b = (np.broadcast_to(np.asarray(reader.constant(node, k)), shape).astype(np.int64)
            if flow is None else next(same) for k, flow in enumerate(whole))
    return (a, b), shape


def alike(reader: Reader, flows: list[Flow]) -> list[Flow]:
    """Gives the layers of flows of one shape one shape too."""
    if len({reader.tensors[f.node].shape for f in flows}) < 2:
        return flows
    return [f.at(reader.viewed(f, f.own)) for f in flows]


def _wide(reader: Reader, value: Flow | np.ndarray, coding: Coding, real: float, left: int,
          part: str) -> str | np.ndarray:
    """An input's codes less their zero point, shifted left and multiplied by ``real``."""
    multiplier, shift = (np.array([n]) for n in fixed_point(real))
    every = np.array([coding.codes.lo - coding.zero, coding.codes.hi - coding.zero]) << left
    ends = Rescale(multiplier, shift, WORD).evaluate(every)
    op = Rescale(multiplier, shift, Int(int(ends.min()), int(ends.max())))
    if not isinstance(value, Flow):
        return op.evaluate((value - coding.zero) << left)
    x = reader.tensors[value.node].integer
    ends = op.evaluate(np.array([x.lo - coding.zero, x.hi - coding.zero]) << left)
    op = replace(op, codes=Int(int(ends.min()), int(ends.max())))
    return reader.add(op, reader.affine(value.node, 1 << left, 0, f"{part}_left"), part=part)


@handles("ADD", "SUB", inputs=(2, 2))
def _sum(reader: Reader, node: TFLiteNode):
    (a, b), shape = pair(reader, node)
    x, y = (reader.coding(k) for k in node.inputs)
    out = reader.activated(node.outputs[0], node("activation"))
    left = 15 if reader.tensor(node.outputs[0]).type == "INT16" else 20
    twice = 2 * float(max(x.scale, y.scale))
    first = _wide(reader, a, x, float(x.scale) / twice, left, "a")
    second = _wide(reader, b, y, float(y.scale) / twice, left, "b")
    real = np.array([twice / ((1 << left) * float(out.scale))])
    if fixed_point(real[0])[1] > 0:
        raise Unsupported(f"its output's scale {out.scale} is too small for the kernel")
    total = _added(reader, first, second, -1 if node.op == "SUB" else 1)
    return Flow(reader.rescaled(total, real, out, 1), shape)


def _added(reader: Reader, first: str | np.ndarray, second: str | np.ndarray, sign: int) -> str:
    """Adds the layer of ``first + sign * second``, of which one may be a constant; returns its
    name."""
    if isinstance(first, str) and isinstance(second, str):
        second = second if sign > 0 else reader.affine(second, -1, 0, "negated")
        return reader.add(Add(), first, second, part="sum")
    if isinstance(first, str):
        return _shifted(reader, first, 1, sign * np.asarray(second))
    assert isinstance(second, str)
    return _shifted(reader, second, sign, np.asarray(first))


@handles("ADD_N", inputs=(2, 1 << 10))
def _sum_of_many(reader: Reader, node: TFLiteNode):
    """Inputs of one scale, twice which is the scale of the sum. The kernel subtracts the zero point
    once more than it has inputs."""
    flows = alike(reader, [reader.flow(node, k) for k in range(len(node.inputs))])
    x, out = reader.coding(node.inputs[0]), reader.coding(node.outputs[0])
    if any((c.scale, c.zero) != (x.scale, x.zero) for c in map(reader.coding, node.inputs)):
        raise Unsupported("its inputs have several scales or zero points", "quantize them alike")
    real = np.array([2 * float(x.scale) / ((1 << 20) * float(out.scale))])
    if fixed_point(real[0])[1] > 0:
        raise Unsupported(f"its output's scale {out.scale} is too small for the kernel")
    total = flows[0].node
    for k, flow in enumerate(flows[1:]):
        total = reader.add(Add(), total, flow.node, part=f"sum{k}")
    finer = reader.affine(total, 1 << 19, -x.zero << 19, "finer")
    most = x.most * len(flows) + abs(x.zero) << 19
    return flows[0].at(reader.rescaled(finer, real, out, most))


def _shifted(reader: Reader, source: str, slope: int, values: np.ndarray) -> str:
    """Adds constant ``values``, one for each element, to ``slope`` times a layer."""
    source, row = reader.channelwise(source, values)
    return reader.affine(source, slope, row, "sum")


@handles("SQUARED_DIFFERENCE", inputs=(2, 2))
def _squared(reader: Reader, node: TFLiteNode):
    (a, b), shape = pair(reader, node)
    x, y, out = (reader.coding(k) for k in (*node.inputs, *node.outputs))
    left = 7 if x.codes.width == 8 else 0
    twice = 2 * float(max(x.scale, y.scale))
    first = _wide(reader, a, x, float(x.scale) / twice, left, "a")
    second = _wide(reader, b, y, float(y.scale) / twice, left, "b")
    total = _added(reader, first, second, -1)
    square = reader.add(Product(), total, total, part="square")
    real = np.array([twice * twice / ((1 << 2 * left) * float(out.scale))])
    most = max(x.most, y.most) << left
    return Flow(reader.rescaled(square, real, out, most * most), shape)


@handles("MUL", inputs=(2, 2))
def _product(reader: Reader, node: TFLiteNode):
    (a, b), shape = pair(reader, node)
    x, y = (reader.coding(k) for k in node.inputs)
    out = reader.activated(node.outputs[0], node("activation"))
    real = np.array([float(x.scale) * float(y.scale) / float(out.scale)])
    if isinstance(a, Flow) and isinstance(b, Flow):
        made = reader.add(Product(), a.node, b.node, part="product")
        return Flow(reader.rescaled(made, real, out, x.most * y.most), shape)
    flow, values = (a, np.asarray(b) - y.zero) if isinstance(a, Flow) else (b, a - x.zero)
    assert isinstance(flow, Flow)
    source, row = reader.channelwise(flow.node, values)
    scaled = reader.affine(source, row, 0, "product")
    most = np.abs(row) * (x if isinstance(a, Flow) else y).most
    return Flow(reader.rescaled(scaled, real, out, most), shape)


@handles("MAXIMUM", "MINIMUM", inputs=(2, 2))
def _extreme(reader: Reader, node: TFLiteNode):
    """Of codes as they are, whatever their scales, as the kernel compares them: ``b + max(a - b,
    0)``, and with signs changed for the minimum."""
    (a, b), shape = pair(reader, node)
    out = reader.coding(node.outputs[0])
    a, b = (reader.recoded(v, out.zero, p) if isinstance(v, Flow) else v
            for v, p in ((a, "a_codes"), (b, "b_codes")))
    sign = 1 if node.op == "MAXIMUM" else -1
    if isinstance(a, Flow) and isinstance(b, Flow):
        inside = [reader.tensors[f.node].integer for f in (a, b)]
        more = reader.add(Add(), *(reader.affine(f.node, s, 0, p) for f, s, p in (
            (a, sign, "a"), (b, -sign, "b"))), part="difference")
        most = max(i.hi for i in inside) - min(i.lo for i in inside)
        positive = _within(reader, more, Int(0, most or 1), 0, "more")
        made = reader.add(Add(), b.node, reader.affine(positive, sign, 0, "signed"), part="sum")
    else:
        flow, values = (a, b) if isinstance(a, Flow) else (b, a)
        assert isinstance(flow, Flow)
        source, row = reader.channelwise(flow.node, np.asarray(values) - out.zero)
        more = reader.affine(source, sign, -sign * row, "difference")
        above = _within(reader, more, Int(0, out.codes.hi - out.codes.lo), 0, "more")
        made = reader.affine(above, sign, row, "limit")
    return Flow(_within(reader, made, out.codes, out.zero), shape)


def _within(reader: Reader, source: str, codes: Int, zero: int, part: str = "") -> str:
    """Clamps a layer's integers to codes; by a multiplier of 1 if thresholds would be too many."""
    levels = codes.hi - codes.lo + 1
    if reader.tensors[source].channels * levels > limits.THRESHOLDS:
        one = np.array([1 << 30]), np.array([1])
        return reader.add(Rescale(*one, codes, zero), source, part=part)
    return reader.add(Quantize(codes, Fraction(1), zero), source, part=part)


@handles("PRELU", inputs=(2, 2))
def _prelu(reader: Reader, node: TFLiteNode):
    """The positive half and the negative ones, of slopes of either sign, are requantized for
    themselves; all but one are 0, where their codes end."""
    (a, slopes), shape = pair(reader, node)
    x, y, out = (reader.coding(k) for k in (*node.inputs, *node.outputs))
    if not isinstance(a, Flow) or isinstance(slopes, Flow) or shape != a.shape:
        raise Unsupported("its slopes must be constants that fit its input")
    source, row = reader.channelwise(a.node, slopes - y.zero)
    real = float(x.scale) / float(out.scale)
    below = real * float(y.scale)
    made = branched(reader, source, out, {
        "above": (np.ones(1, np.int64), real), "below": (np.maximum(row, 0), below),
        "turned": (np.minimum(row, 0), below)})
    return Flow(made, shape)


def branched(reader: Reader, source: str, out: Coding, ways: Mapping[str, tuple[np.ndarray, float]]
             ) -> str:
    """Adds the sum of rescaled parts of a layer; at each element all parts but one are 0.

    Parameters
    ----------
    reader : the reader to add layers to
    source : the layer
    out : coding of the result
    ways : for each part, integers to multiply by, (channels,) or (1,), and a scale; "above" is the
        part above 0"""
    branches = [b for part, (factors, real) in ways.items()
                if (b := _branch(reader, source, factors, real, part))]
    total = branches[0] if branches else reader.affine(source, 0, 0, "nothing")
    for k, branch in enumerate(branches[1:]):
        total = reader.add(Add(), total, branch, part=f"sum{k}")
    return _within(reader, total, out.codes, out.zero)


def _branch(reader: Reader, source: str, factors: np.ndarray, real: float, part: str
            ) -> str | None:
    """The positive or negative half of a layer, multiplied by integers and requantized; None if
    that is always 0."""
    inside, zero = reader.tensors[source].integer, int(reader.tensors[source].zero)
    half = np.array([0, max(inside.hi - zero, 0) if part == "above" else min(inside.lo - zero, 0)])
    every = half[:, None] * factors
    multiplier, shift = (np.array([n]) for n in fitting(real, np.abs(every).max()))
    reach = Rescale(multiplier, shift, WORD).evaluate(every)
    if not reach.any():
        return None
    codes = Int.of(reach)
    scaled = reader.affine(source, factors, 0, f"{part}_scaled")
    return reader.add(Rescale(multiplier, shift, codes), scaled, part=part)

"""Scales, biases, batch norm and activation fold into integer thresholds, or a multiplier."""

from dataclasses import replace
from fractions import Fraction
from math import isqrt

import numpy as np

from ..errors import ModelError
from ..exact.num import Int, Rounding
from ..graph import Graph, Node, Tensor
from ..layers import BatchNorm, Function, Quantize, Quantizer, Relu, Rescale, ShiftRound
from ..layers.real import Straight
from ..ops import Lookup, Requantize, Threshold
from .chain import chain_before
from .codes.multipliers import cheapest, direct
from .codes.thresholds import seen, thresholds

__all__ = ["activations"]

MOST_ENTRIES = 1 << 12
"""Most entries of a function's table, and most thresholds of a channel."""

MOST_SHIFT = 40
"""A smaller scale than this many bits can hold is as good as zero."""


def activations(graph: Graph) -> Graph:
    """Fuses each quantizer and the real layers before it into one integer layer.

    ModelError if a layer before a quantizer can become neither thresholds nor a multiplier."""
    nodes: list[Node] = []
    for node in graph.nodes:
        op = node.op
        if isinstance(op, Quantizer):
            source, way = chain_before(graph, node)
            try:
                nodes += _activation(graph, node.name, op, source, way)
            except (ModelError, ValueError) as e:
                raise ModelError(f"Layer {node.name!r}: {e}") from None
        else:
            nodes.append(node)
    return graph.replaced(_trimmed(nodes))


def _trimmed(nodes: list[Node]) -> list[Node]:
    """Tables without entries of codes that a multiplier before them never makes."""
    found: list[Node] = []
    known: dict[str, Tensor] = {}
    for node in nodes:
        xs = [known[i] for i in node.inputs]
        if isinstance(node.op, Lookup) and xs[0].codes is not None:
            node = replace(node, op=node.op.within(xs[0].codes))
        found.append(node)
        known[node.name] = node.op.infer(*xs)
    return found


def _activation(graph: Graph, name: str, op: Quantizer, source: str, way: list[Node]
                ) -> list[Node]:
    """The integer layers that an activation becomes."""
    x = graph.tensors[source]
    if isinstance(op, Quantize) and op.multiplier_bits:
        return [Node(name, _requantize(op, way, x), (source,))]
    if isinstance(op, ShiftRound) and (shifted := _shift(op, way, x)):
        return [Node(name, shifted, (source,))]
    own = _own(op, way, x) if isinstance(op, Rescale) else None
    if own and op.format.integer.hi - op.format.integer.lo >= MOST_ENTRIES:
        return [Node(name, own, (source,))]
    if any(isinstance(layer.op, Function) for layer in way):
        return [Node(name, _tabulated(op, way, x), (source,))]
    if op.format.integer.lo == op.format.integer.hi:
        return [Node(name, _constant(op.format, x.channels), (source,))]
    made = thresholds(op, seen([*(n.op for n in way), op], x.channels), x)
    if op.table is None:
        made = cheapest(graph, source, made, own)
        if isinstance(made, Threshold) and made.levels > MOST_ENTRIES:
            raise ModelError(f"its {made.levels} levels need too many thresholds, more than "
                             f"{MOST_ENTRIES}; quantize to 12 bits, or with a multiplier and a "
                             f"shift")
        return [Node(name, made, (source,))]
    level = graph.fresh(f"{name}_level")
    return [Node(level, Threshold(made.thresholds, made.flip), (source,)),
            Node(name, Lookup(op.table, op.format), (level,))]


def _constant(form: Tensor, channels: int) -> Requantize:
    """The only code of a quantizer, whatever the integers are."""
    if form.zero.denominator > 1:
        raise ModelError("its only code is none of a whole zero point")
    nothing = np.zeros(channels, np.int64)
    return Requantize(nothing, nothing, 0, form.integer, int(form.zero), scale=form.scale)


def _requantize(op: Quantize, way: list[Node], x: Tensor) -> Requantize:
    """The nearest multiplier of the bits asked for, and one shift for the layer."""
    lines = [_line(way, channel, x) for channel in range(x.channels)]
    slopes = [slope / op.scale for slope, _ in lines]
    offsets = [offset / op.scale for _, offset in lines]
    most = max(abs(s) for s in slopes)
    top, shift = (1 << op.multiplier_bits - 1) - 1, 0
    while shift < MOST_SHIFT and round(most * (1 << shift + 1)) <= top:
        shift += 1
    if round(most * (1 << shift)) > top:
        raise ModelError(f"Its scale {float(most):g} needs more than {op.multiplier_bits} bits")
    multipliers = [round(s * (1 << shift)) for s in slopes]
    addends = [round(o * (1 << shift)) for o in offsets]
    while shift and not any(n % 2 for n in (*multipliers, *addends)):
        shift -= 1
        multipliers, addends = [m // 2 for m in multipliers], [a // 2 for a in addends]
    inside = 0 if op.zero_last or _moves(op.rounding, op.zero) else op.zero
    addends = [a + (inside << shift) for a in addends]
    relu = any(isinstance(n.op, Relu) for n in way)
    lo = min(max(op.codes.lo, op.zero), op.codes.hi) if relu else op.codes.lo
    return Requantize(
        np.array(multipliers, np.int64), np.array(addends, np.int64), shift,
        Int(lo, op.codes.hi), op.zero - inside, op.rounding, op.scale, offset_zero=inside)


def _moves(rounding: Rounding, zero: int) -> bool:
    """Tells whether round(x) + zero is round(x + zero) for every x, ties included."""
    same = (Rounding.HALF_UP, Rounding.FLOOR, Rounding.CEIL)
    return zero == 0 or rounding in same or rounding == Rounding.HALF_EVEN and zero % 2 == 0


def _shift(op: ShiftRound, way: list[Node], x: Tensor) -> Requantize | None:
    """The file's own multiplier and shift, if they meet the integers themselves."""
    shift = op.divisor.bit_length() - 1
    try:
        lines = [_line(way, channel, x) for channel in range(x.channels)]
    except ModelError:
        return None
    if 1 << shift != op.divisor or any(a != 1 or b.denominator > 1 for a, b in lines):
        return None
    multiplier, offset = (np.broadcast_to(v, x.channels) for v in (op.multiplier, op.offset))
    biases = np.array([int(b) for _, b in lines])
    return Requantize(multiplier, offset + biases * multiplier, shift, op.codes, 0,
                      Rounding.HALF_UP, op.scale)


def _own(op: Rescale, way: list[Node], x: Tensor) -> Requantize | None:
    """The file's own multipliers, if they meet integers."""
    if not all(isinstance(node.op, Straight) for node in way):
        return None
    return direct(op, [_line(way, channel, x) for channel in range(x.channels)], x)


def _tabulated(op: Quantizer, way: list[Node], x: Tensor) -> Lookup:
    """A table of the codes of every integer, computed in floating point."""
    entries = x.integer.hi - x.integer.lo + 1
    if entries > MOST_ENTRIES:
        raise ModelError(f"{way[-1].op.kind} of {entries} values needs too large a table; put a "
                         f"quantize layer before it")
    every = np.arange(x.integer.lo, x.integer.hi + 1)
    value = np.broadcast_to(x.real(every)[:, None], (entries, x.channels))
    for layer in way:
        value = layer.op.evaluate(value)
    if np.isnan(value).any():
        n = x.real(every)[np.isnan(value).any(axis=1)][0]
        raise ModelError(f"{way[-1].op.kind} of {n:g}, which can come in, is no number")
    codes = np.broadcast_to(op.evaluate(value), value.shape)
    if (codes != codes[:, :1]).any():
        raise ModelError("a function that is different for each channel needs a quantize layer "
                         "before it")
    return Lookup(codes[:, 0], op.format, x.integer.lo)


def _line(way: list[Node], channel: int, x: Tensor) -> tuple[Fraction, Fraction]:
    """Slope and offset of the affine function that the layers make of the channel's integer."""
    slope, offset = x.line
    for node in way:
        match node.op:
            case Straight() as straight:
                slope, offset = straight.after((slope, offset), channel)
            case BatchNorm() as norm:
                gamma, beta, mean, variance = (Fraction(float(p[channel])) for p in (
                    norm.gamma, norm.beta, norm.mean, norm.variance))
                factor = gamma / _root(variance + Fraction(norm.epsilon))
                slope, offset = slope * factor, (offset - mean) * factor + beta
            case Relu() if node is way[-1]:
                pass
            case _:
                raise ModelError(f"{node.op.kind} layer {node.name!r} is no part of a multiplier; "
                                 f"use thresholds")
    return slope, offset


def _root(v: Fraction) -> Fraction:
    """The square root, to 128 bits: the multiplier is rounded to far fewer."""
    return Fraction(isqrt((v.numerator << 256) // v.denominator), 1 << 128)

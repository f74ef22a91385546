"""Scales, biases, batch norm and activation fold into integer thresholds, or a multiplier."""

from fractions import Fraction
from math import isqrt

import numpy as np

from ..errors import ModelError
from ..exact import Cut
from ..ir import Graph, Node, Tensor
from ..num import Int
from ..ops import Affine, BatchNorm, Quantize, Quantizer, Relu, Requantize, Threshold
from .chain import chain_before

__all__ = ["activations"]

MOST_SHIFT = 40
"""A smaller scale than this many bits can hold is as good as zero."""


def activations(graph: Graph) -> Graph:
    """Each quantizer takes in the real layers before it and becomes an integer layer."""
    nodes: list[Node] = []
    for node in graph.nodes:
        op = node.op
        if isinstance(op, Quantizer):
            source, way = chain_before(graph, node)
            x = graph.tensors[source]
            try:
                if isinstance(op, Quantize) and op.multiplier_bits:
                    op = _requantize(op, way, x)
                else:
                    op = _threshold(op, way, x)
            except ValueError as e:
                raise ModelError(f"Layer {node.name!r}: {e}") from None
            node = Node(node.name, op, (source,))
        nodes.append(node)
    return graph.replaced(nodes)


def _threshold(op: Quantizer, way: list[Node], x: Tensor) -> Threshold:
    """The integers at which the code changes, channel by channel, exactly."""
    rows, flips = [], []
    for channel in range(x.channels):
        cuts = op.cuts()
        for layer in reversed(way):
            cuts = [layer.op.pull(cut, channel) for cut in cuts]  # type: ignore
        cuts = [cut.through_affine(x.scale, -x.scale * x.zero) for cut in cuts]
        flip = any(cut.falling for cut in cuts if cut.always is None)
        rows.append(sorted(_first(cut, x.integer, flip) for cut in cuts))
        flips.append(flip)
    return Threshold(np.array(rows, np.int64), np.array(flips), op.format.integer.lo)


def _first(cut: Cut, x: Int, flip: bool) -> int:
    """Where the comparison becomes true (false if ``flip``), no farther out than it can matter."""
    if cut.always is not None:
        return x.lo if cut.always != flip else x.hi + 1
    return min(max(cut.first(), x.lo), x.hi + 1)


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
    lo = max(op.codes.lo, op.zero) if any(isinstance(n.op, Relu) for n in way) else op.codes.lo
    return Requantize(
        np.array([round(s * (1 << shift)) for s in slopes], np.int64),
        np.array([round(o * (1 << shift)) for o in offsets], np.int64),
        shift, Int(lo, op.codes.hi), op.zero, op.rounding, op.scale)


def _line(way: list[Node], channel: int, x: Tensor) -> tuple[Fraction, Fraction]:
    """Slope and offset of the affine function that the layers make of the channel's integer."""
    slope, offset = x.scale, -x.scale * x.zero
    for node in way:
        match node.op:
            case Affine(slope=a, offset=b):
                slope, offset = slope * a[channel], offset * a[channel] + b[channel]
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

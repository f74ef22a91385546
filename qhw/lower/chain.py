"""The real layers between an integer tensor and a quantizer."""

from fractions import Fraction
from math import isqrt

from ..errors import ModelError
from ..graph import Graph, Node, Op, Tensor
from ..layers import BatchNorm, Relu
from ..layers.real import Elementwise, Straight

__all__ = ["after", "chain_before", "line"]


def chain_before(graph: Graph, node: Node, ends: tuple[type[Op], ...] = ()
                 ) -> tuple[str, list[Node]]:
    """Finds the integer tensor of ``graph`` from which ``node`` is computed, and the real layers
    between them. Layers of the types ``ends`` end the search too.

    ModelError if there is no such tensor."""
    way: list[Node] = []
    source = node.inputs[0]
    while graph.tensors[source].codes is None:
        layer = graph.by_name[source]
        if isinstance(layer.op, ends):
            break
        if not isinstance(layer.op, Elementwise):
            raise ModelError(
                f"Layer {node.name!r}: {layer.op.kind} layer {layer.name!r} is real-valued here; "
                f"put a quantize or sign layer before it")
        way.insert(0, layer)
        source, = layer.inputs
    return source, way


def line(way: list[Node], channel: int, x: Tensor) -> tuple[Fraction, Fraction]:
    """Composes the affine layers ``way`` behind the integers ``x``; returns slope and offset of the
    channel with the index ``channel``.

    ModelError if one of the layers is not affine."""
    slope, offset = x.line
    for node in way:
        if isinstance(node.op, Relu) and node is way[-1]:
            continue
        found = after((slope, offset), node.op, channel)
        if found is None:
            raise ModelError(f"{node.op.kind} layer {node.name!r} does not fit a multiplier; "
                             f"use thresholds")
        slope, offset = found
    return slope, offset


def after(line: tuple[Fraction, Fraction], op: Op, channel: int
          ) -> tuple[Fraction, Fraction] | None:
    """Composes a slope and an offset with the layer behind; None if it is not affine."""
    match op:
        case Straight():
            return op.after(line, channel)
        case BatchNorm():
            gamma, beta, mean, variance = (Fraction(float(p[channel])) for p in (
                op.gamma, op.beta, op.mean, op.variance))
            factor = gamma / _root(variance + Fraction(op.epsilon))
            return line[0] * factor, (line[1] - mean) * factor + beta
        case _:
            return None


def _root(v: Fraction) -> Fraction:
    """The square root, to 128 bits: the multiplier is rounded to far fewer."""
    return Fraction(isqrt((v.numerator << 256) // v.denominator), 1 << 128)

"""The real layers between an integer tensor and a quantizer."""

from fractions import Fraction
from math import isqrt

from ..errors import ModelError
from ..graph import Graph, Node, Op, Tensor
from ..layers import BatchNorm, Relu
from ..layers.real import Elementwise, Straight

__all__ = ["chain_before", "line"]


def chain_before(graph: Graph, node: Node, ends: tuple[type[Op], ...] = ()
                 ) -> tuple[str, list[Node]]:
    """Finds the integer tensor of ``graph`` from which ``node`` is computed, and the real layers
    between them.

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
                raise ModelError(f"{node.op.kind} layer {node.name!r} does not fit a multiplier; "
                                 f"use thresholds")
    return slope, offset


def _root(v: Fraction) -> Fraction:
    """The square root, to 128 bits: the multiplier is rounded to far fewer."""
    return Fraction(isqrt((v.numerator << 256) // v.denominator), 1 << 128)

"""ONNX's operators on several tensors: sums, products, extremes, and joins along a dimension."""

from collections.abc import Callable
from dataclasses import replace
from math import prod

import numpy as np

from ....layers import Add, Clamp, Join, Relu
from ....layers.product import Product
from ....ops import Concat, Sum
from ..file import OnnxNode
from ..operators import ANY, handles
from ..reader import Reader, rational, standard
from ..values import Constant, Flow, Unsupported, claimed
from .integer import ADDER, rescaled

__all__ = ["added", "joined", "multiplied"]


@handles("Add", versions=(7, 13, 14), notes={"add_bits": ANY, **ADDER})
@handles("Sub", versions=(7, 13, 14))
def _add(reader: Reader, node: OnnxNode):
    a, b = reader.value(node, 0), reader.value(node, 1)
    sign = -1.0 if node.op == "Sub" else 1.0
    for value in (a, b):
        if isinstance(value, Constant):
            claimed(value.value, node("add_bits"), "constant")
    if isinstance(b, Constant):
        return reader.affine(reader.real(node, 0), np.ones(1), sign * reader.array(node, 1))
    if isinstance(a, Constant):
        return reader.affine(reader.real(node, 1), np.full(1, sign), reader.array(node, 0))
    x, y = reader.real(node, 0), reader.real(node, 1)
    if any(node(name) is not None for name in ADDER):
        return _adder(reader, node, x, y)
    return added(reader, x, _negated(reader, y) if sign < 0 else y)


def _adder(reader: Reader, node: OnnxNode, x: Flow, y: Flow) -> Flow:
    """QuantLab's sum of integers that are requantized before it and behind it."""
    x, y = _paired(reader, rescaled(reader, x, node, "in1"), rescaled(reader, y, node, "in2"))
    ones = np.ones(reader.tensors[x.node].channels, np.int64)
    made = reader.add(Sum(ones, ones), x.node, y.node, name=f"{reader.current}_sum")
    return rescaled(reader, Flow(made, x.places, whole=True), node, "out")


def _negated(reader: Reader, flow: Flow) -> Flow:
    return reader.affine(flow, np.full(1, -1.0), np.zeros(1), name=f"{flow.node}_negated")


def added(reader: Reader, x: Flow, y: Flow) -> Flow:
    """Adds the sum of two real flows ``x`` and ``y`` to ``reader``; dimensions of 1 are repeated.
    """
    x, y = _paired(reader, x, y)
    return Flow(reader.add(Add(), x.node, y.node), x.places)


def multiplied(reader: Reader, x: Flow, y: Flow) -> Flow:
    """Adds the product of two real flows ``x`` and ``y`` to ``reader``; dimensions of 1 are
    repeated."""
    x, y = _paired(reader, x, y)
    return Flow(reader.add(Product(), x.node, y.node), x.places)


def _paired(reader: Reader, x: Flow, y: Flow) -> tuple[Flow, Flow]:
    """Two flows of one shape whose elements lie alike."""
    try:
        shape = np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        raise Unsupported(f"its inputs have the shapes {x.shape} and {y.shape}") from None
    if x.shape != shape == y.shape:
        y, x = _paired(reader, y, x)
        return x, y
    x, y = (replace(f, places=np.broadcast_to(f.places, shape)) for f in (x, y))
    x = reader.packed(x)
    return x, reader.like(y, x)


@handles("Max", "Min", versions=(6, 8, 12, 13))
def _extreme(reader: Reader, node: OnnxNode):
    """Makes limits from a tensor and constants, ``b + max(a - b, 0)`` from two tensors."""
    sign = 1 if node.op == "Max" else -1
    found: Flow | None = None
    limits: list[np.ndarray] = []
    for k in range(len(node.inputs)):
        if isinstance(reader.value(node, k), Constant):
            limits.append(reader.array(node, k))
            continue
        flow = reader.real(node, k)
        found = flow if found is None else _larger(reader, found, flow, sign)
    assert found is not None
    for limit in limits:
        found = _limited(reader, found, limit, sign)
    return found


def _larger(reader: Reader, a: Flow, b: Flow, sign: int) -> Flow:
    """The larger of two tensors, or the smaller if ``sign`` is -1."""
    a, b = _paired(reader, a, b)
    first, second = (a, b) if sign > 0 else (b, a)
    above = reader.each(Relu(), added(reader, first, _negated(reader, second)))
    return added(reader, b, above if sign > 0 else _negated(reader, above))


def _limited(reader: Reader, flow: Flow, limit: np.ndarray, sign: int) -> Flow:
    """A tensor, no less than a constant, or no more if ``sign`` is -1."""
    if limit.size == 1:
        end = rational(limit.item())
        return reader.each(Clamp(*((end, None) if sign > 0 else (None, end))), flow)
    if limit.dtype.kind in "iu":
        limit = limit.astype(np.int64)      # its negative may not fit its own type
    above = reader.each(Relu(), reader.affine(flow, np.full(1, sign), -sign * limit))
    return reader.affine(above, np.full(1, sign), limit)


@handles("Concat", versions=(4, 11, 13), axis=ANY)
def _concat(reader: Reader, node: OnnxNode):
    flows = [reader.flow(node, k) for k in range(len(node.inputs))]
    return joined(reader, flows, node("axis"))


def joined(reader: Reader, flows: list[Flow], axis: int) -> Flow:
    """Concatenates ``flows`` along ONNX's ``axis``, an index, in ``reader``."""
    axis, rank = reader.axis(axis, flows[0]), len(flows[0].shape)
    if any(f.shape[:axis] + f.shape[axis + 1:] != flows[0].shape[:axis] + flows[0].shape[axis + 1:]
           for f in flows):
        raise Unsupported(f"it joins {', '.join(str(f.shape) for f in flows)} along the axis "
                          f"{axis + reader.batch}")
    if rank == 1:
        vectors = [reader.vector(f) for f in flows]
        starts = np.cumsum([0, *(p.size for _, p in vectors)])
        order = np.concatenate([p + s for (_, p), s in zip(vectors, starts, strict=False)])
        return _streamed(reader, [x for x, _ in vectors], flows, 0, lambda _: order)
    if rank > 3:
        whole = [reader.rows(f) for f in flows]
        return _streamed(reader, whole, flows, axis,
                         lambda shape: np.arange(prod(shape)).reshape(shape))
    last = reader.last(flows[0])
    ours = axis + (3 - rank) if last else 2 if axis == 0 else axis - 1 + (3 - rank)
    images = [reader.image(f, channels_last=last) for f in flows]
    return _streamed(reader, images, flows, ours,
                     lambda shape: standard(shape, channels_last=last, rank=rank))


def _streamed(reader: Reader, whole: list[Flow], flows: list[Flow], axis: int,
              placed: Callable[[tuple[int, ...]], np.ndarray]) -> Flow:
    """Layers joined along a dimension of ours, as channels of wider pixels.

    Parameters
    ----------
    reader : the reader to add layers to
    whole : the layers
    flows : the same tensors as they were, for what their numbers mean
    axis : index of the dimension
    placed : function from the shape of the result to the places of its elements
    """
    shapes = [reader.tensors[f.node].shape for f in whole]
    outer, inner = shapes[0][:axis], [prod(s[axis:]) for s in shapes]
    views = [reader.reshaped(f, (prod(outer), n) if prod(outer) > 1 else (n,))
             if axis < len(shapes[0]) - 1 else f for f, n in zip(whole, inner, strict=True)]
    tensors = [reader.tensors[f.node] for f in views]
    same = all(t.codes is not None and (t.scale, t.zero) == (tensors[0].scale, tensors[0].zero)
               for t in tensors)
    made = Flow(reader.add(Concat() if same else Join(), *(f.node for f in views)),
                flows[0].places, flows[0].codes if same else None, same and flows[0].whole)
    shape = (*outer, sum(s[axis] for s in shapes), *shapes[0][axis + 1:])
    return replace(reader.reshaped(made, shape), places=placed(shape))

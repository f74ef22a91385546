"""ONNX's pooling."""

from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from ....exact.window import Window
from ....graph import Op
from ....layers import Affine
from ....layers.pool import AveragePool, MaxPool
from ....ops.pooling import Pooling
from ..file import OnnxNode
from ..operators import ANY, CHANNELS_LAST, QONNX, UNREAD, given, handles
from ..reader import Reader, standard
from ..values import Flow, Unsupported
from .layers import SPATIAL, WINDOW, channels_last, window_of
from .pads import unpadded

__all__ = ["AVERAGE", "average"]


@handles("MaxPool", versions=(1, 8, 10, 11, 12, 22), also=WINDOW, ceil_mode=ANY,
         storage_order=UNREAD)
@handles("MaxPoolNHWC", domains=QONNX[:1], also=SPATIAL, ceil_mode=given(0))
@handles("MaxPool", domains=CHANNELS_LAST, also=WINDOW, ceil_mode=given(0), storage_order=UNREAD)
def _max_pool(reader: Reader, node: OnnxNode):
    flow = reader.flow(node)
    x, window = _pooled(reader, node, flow)
    real = reader.tensors[x.node].codes is None
    made = _placed(reader, node, flow, MaxPool(window) if real else Pooling(window, "max"), x)
    return Flow(made.node, made.places, flow.codes, flow.whole)


@handles("GlobalMaxPool", versions=(1, 22))
def _global_max_pool(reader: Reader, node: OnnxNode):
    return _max_pool(reader, node)


AVERAGE = {name: ANY for name in ("ceil_mode", "count_include_pad")} | {
    name: attribute for name, attribute in WINDOW.items() if name != "dilations"}
"""Attributes of ONNX's average pooling and of ONNX Runtime's on codes."""


@handles("AveragePool", versions=(7, 10, 11, 19, 22), also=AVERAGE, dilations=ANY)
@handles("GlobalAveragePool", versions=(1, 22))
def _average_pool(reader: Reader, node: OnnxNode):
    return average(reader, node, reader.real(node))


def average(reader: Reader, node: OnnxNode, flow: Flow) -> Flow:
    """Adds the mean under a window to ``reader``.

    Parameters
    ----------
    reader : the reader to add layers to
    node : the ONNX node, for its attributes; pads count as zeros if it says so
    flow : the input
    """
    x, window = _pooled(reader, node, flow)
    rows, columns, _ = reader.tensors[x.node].shape
    count = _counted(node, (rows, columns), window)
    inner, frame = unpadded(reader, x)
    made = _placed(reader, node, flow, AveragePool(window.framed(frame)), inner)
    if (count == window.taps).all():
        return made
    shape = reader.tensors[made.node].shape
    image = replace(made, places=standard(shape, channels_last=True, rank=3))
    scaled, (counts,) = reader.channelwise(image, np.broadcast_to(count, shape))
    op = Affine(tuple(Fraction(window.taps, int(n)) for n in counts),
                (Fraction(0),) * len(counts))
    return replace(reader.reshaped(reader.each(op, scaled), shape), places=made.places)


def _counted(node: OnnxNode, size: tuple[int, int], window: Window) -> np.ndarray:
    """The elements that each window divides its sum by, (rows, columns, 1).

    Parameters
    ----------
    node : the ONNX node, for its attributes
    size : (height, width) of the image in pixels
    window : the node's window; pads for a last, partial window never count
    """
    ones = np.ones((1, *size, 1), int)
    if node("count_include_pad"):
        whole = _window(replace(node, attributes={**node.attributes, "ceil_mode": 0}), size)
        top, left, bottom, right = whole.pads
        ones = np.pad(ones, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=1)
        window = window.framed((-top, -left, -bottom, -right))
    count = window.patches(ones, 0).sum(axis=(3, 4))[0]
    if not count.all():
        raise Unsupported("some of its windows see nothing but pads")
    return count


def _pooled(reader: Reader, node: OnnxNode, flow: Flow) -> tuple[Flow, Window]:
    """The image that a pooling node reads, and its window."""
    x = reader.image(flow, channels_last=channels_last(node))
    rows, columns, _ = reader.tensors[x.node].shape
    return x, _window(node, (rows, columns))


def _window(node: OnnxNode, size: tuple[int, int]) -> Window:
    """A node's window; global pooling sees all of an image of (height, width) pixels."""
    if "Global" in node.op:
        return Window(size)
    return window_of(node, tuple(int(k) for k in node("kernel_shape") or ()), size)


def _placed(reader: Reader, node: OnnxNode, flow: Flow, op: Op, x: Flow) -> Flow:
    """A pooling layer on an image, where the node has its elements."""
    made = reader.add(op, x.node)
    return Flow(made, standard(reader.tensors[made].shape, channels_last=channels_last(node),
                               rank=len(flow.shape)))


@handles("ReduceMean", versions=(1, 11, 13, 18), axes=ANY, keepdims=ANY, noop_with_empty_axes=ANY)
@handles("ReduceSum", versions=(1, 11, 13), axes=ANY, keepdims=ANY, noop_with_empty_axes=ANY)
def _reduce(reader: Reader, node: OnnxNode):
    """Over any dimensions; over rows and columns channels stay apart."""
    flow = reader.real(node)
    given: Any = node("axes") or ([] if reader.value(node, 1) is None
                                  else reader.array(node, 1).tolist())
    if not given and node("noop_with_empty_axes"):
        return flow
    if not given and reader.batch:
        raise Unsupported("it works across samples (axis 0)")
    axes = sorted({reader.axis(int(a), flow) for a in given or range(len(flow.shape))})
    found = _meant(reader, flow, axes)
    if node.op == "ReduceSum":
        count = prod(flow.shape[a] for a in axes)
        found = reader.affine(found, np.array([count]), np.zeros(1))
    if node("keepdims"):
        return found
    return replace(found, places=found.places.reshape(
        [n for k, n in enumerate(flow.shape) if k not in axes]))


def _meant(reader: Reader, flow: Flow, axes: list[int]) -> Flow:
    """The mean over some dimensions, which are then 1."""
    rank, last = len(flow.shape), reader.last(flow)
    space = [0, 1] if last else list(range(1, rank))
    if rank in (2, 3) and set(axes) <= set(space):
        x = reader.image(flow, channels_last=last)
        size = reader.tensors[x.node].shape[:2]
        spatial = [-1, *space] if rank == 2 else space
        rows, columns = (n if k in axes else 1 for k, n in zip(spatial, size, strict=True))
        window = Window((rows, columns))
        made = reader.add(AveragePool(window), x.node)
        return Flow(made, standard(reader.tensors[made].shape, channels_last=last, rank=rank))
    flow = reader.whole(flow)
    kept = [k for k in range(rank) if k not in axes]
    outer, count = (prod(flow.shape[k] for k in which) for which in (kept, axes))
    rows = np.sort(flow.places.transpose(*kept, *axes).reshape(outer, count), axis=1)
    x = reader.reshaped(reader.ordered(flow, rows), (outer, count, 1))
    made = reader.add(AveragePool(Window((1, count))), x.node)
    return Flow(made, np.arange(outer).reshape([1 if k in axes else n
                                                for k, n in enumerate(flow.shape)]))

"""ONNX's pooling."""

from dataclasses import replace

from ....exact.window import Window
from ....graph import Op
from ....layers.pool import AveragePool, MaxPool
from ....ops.pooling import Pooling
from ..file import OnnxNode
from ..operators import ANY, CHANNELS_LAST, QONNX, UNREAD, given, handles
from ..reader import Reader, standard
from ..values import Flow, Unsupported
from .layers import SPATIAL, WINDOW, channels_last, window_of

__all__ = ["AVERAGE", "average"]


@handles("MaxPool", versions=(1, 8, 10, 11, 12, 22), also=WINDOW, ceil_mode=ANY,
         storage_order=UNREAD)
@handles("MaxPoolNHWC", domains=QONNX[:1], also=SPATIAL, ceil_mode=given(0))
@handles("MaxPool", domains=CHANNELS_LAST, also=SPATIAL)
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
"""What ONNX's average pooling has in common with ONNX Runtime's of codes."""


@handles("AveragePool", versions=(7, 10, 11, 19, 22), also=AVERAGE, dilations=ANY)
@handles("GlobalAveragePool", versions=(1, 22))
def _average_pool(reader: Reader, node: OnnxNode):
    return average(reader, node, reader.real(node))


def average(reader: Reader, node: OnnxNode, flow: Flow) -> Flow:
    """Adds the mean under a window to ``reader``; pads count as zeros.

    ``node`` has the window's attributes, ``flow`` is the input. Unsupported if pads must not count.
    """
    x, window = _pooled(reader, node, flow)
    if node("ceil_mode") and window != _pooled(reader, replace(node, attributes={
            **node.attributes, "ceil_mode": 0}), flow)[1]:
        raise Unsupported("an average of partial windows (ceil_mode) is not supported",
                          "pad the input instead")
    if any(window.pads) and not node("count_include_pad"):
        raise Unsupported("an average whose pads do not count is not supported",
                          "set count_include_pad")
    return _placed(reader, node, flow, AveragePool(window), x)


def _pooled(reader: Reader, node: OnnxNode, flow: Flow) -> tuple[Flow, Window]:
    """The image that a pooling node reads, and its window; global pooling and means see all of
    it."""
    x = reader.image(flow, channels_last=channels_last(node))
    rows, columns, _ = reader.tensors[x.node].shape
    if "Global" in node.op or node.op == "ReduceMean":
        return x, Window((rows, columns))
    kernel = tuple(int(k) for k in node("kernel_shape") or ())
    return x, window_of(node, kernel, (rows, columns))


def _placed(reader: Reader, node: OnnxNode, flow: Flow, op: Op, x: Flow) -> Flow:
    """A pooling layer on an image, where the node has its elements."""
    made = reader.add(op, x.node)
    return Flow(made, standard(reader.tensors[made].shape, channels_last=channels_last(node),
                               rank=len(flow.shape)))


@handles("ReduceMean", versions=(1, 11, 13, 18), axes=ANY, keepdims=ANY, noop_with_empty_axes=ANY)
def _mean(reader: Reader, node: OnnxNode):
    """Over rows and columns, it is a global average."""
    flow = reader.real(node)
    axes = node("axes") or ([] if reader.value(node, 1) is None else reader.array(node, 1).tolist())
    if not axes and node("noop_with_empty_axes"):
        return flow
    if len(flow.shape) != 3 or sorted(reader.axis(int(a), flow) for a in axes) != [1, 2]:
        raise Unsupported("means are supported over rows and columns only")
    made = average(reader, replace(node, attributes={}), flow)
    return made if node("keepdims") else Flow(made.node, made.places.reshape(-1))

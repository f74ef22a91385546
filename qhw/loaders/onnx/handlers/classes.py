"""ONNX's operators over classes: softmax, which the host computes, and the largest of them."""

from math import prod

import numpy as np

from ....exact.window import Window
from ....layers import ArgMax, Softmax
from ....layers.pool import MaxPool
from ....ops.pooling import Pooling
from ..file import OnnxNode
from ..operators import ANY, UNREAD, Only, handles
from ..reader import Reader, standard
from ..values import Flow, Unsupported

__all__: list[str] = []


@handles("Softmax", "LogSoftmax", versions=(1, 11, 13), axis=ANY)
def _softmax(reader: Reader, node: OnnxNode):
    """Over all of a sample, or over one dimension; before opset 13 over all from ``axis`` on."""
    flow = reader.whole(reader.real(node))
    axis = reader.axis(node("axis"), flow)
    over = flow.shape[axis:] if node.version < 13 else flow.shape[axis:axis + 1]
    op = Softmax(log=node.op == "LogSoftmax")
    if prod(over) == prod(flow.shape):
        return reader.each(op, reader.reshaped(flow, (prod(over),)))
    if len(over) > 1 or axis not in (0, len(flow.shape) - 1):
        raise Unsupported(f"it is over {over} of {flow.shape}; only all of a sample, the channels "
                          f"or the last dimension are supported")
    x = reader.image(flow, channels_last=axis > 0)
    made = reader.add(op, x.node)
    return Flow(made, standard(reader.tensors[made].shape, channels_last=axis > 0,
                               rank=len(flow.shape)))


@handles("ArgMax", versions=(1, 11, 12, 13), axis=ANY, keepdims=ANY, select_last_index=ANY)
def _argmax(reader: Reader, node: OnnxNode):
    """Over one dimension, which comes last in hardware."""
    flow = reader.real(node)
    axis = reader.axis(node("axis"), flow)
    made = reader.add(ArgMax(bool(node("select_last_index"))), _last(reader, flow, axis).node)
    return _indices(made, flow, axis, keep=bool(node("keepdims")))


def _last(reader: Reader, flow: Flow, axis: int) -> Flow:
    """A flow as a layer in which its dimension ``axis`` comes last."""
    flow = reader.whole(flow)
    return reader.ordered(flow, np.moveaxis(flow.places, axis, -1))


def _indices(made: str, flow: Flow, axis: int, *, keep: bool) -> Flow:
    """The indices that the layer ``made`` finds along a flow's dimension, which may be kept."""
    shape = flow.shape[:axis] + (1,) * keep + flow.shape[axis + 1:]
    return Flow(made, np.arange(prod(shape)).reshape(shape), whole=True)


@handles("TopK", versions=(10, 11, 24), axis=ANY, largest=Only(1), sorted=UNREAD)
def _top(reader: Reader, node: OnnxNode):
    """The largest alone, which is the first among equals, and its index."""
    if (count := reader.number(node, 1)) != 1:
        raise Unsupported(f"it finds the {count:g} largest, and only the largest alone is "
                          f"supported")
    flow = reader.real(node)
    axis = reader.axis(node("axis"), flow)
    x = _last(reader, flow, axis)
    found = _indices(reader.add(ArgMax(), x.node), flow, axis, keep=True)
    tensor = reader.tensors[x.node]
    rows = reader.reshaped(x, (tensor.size // tensor.channels, tensor.channels, 1))
    window = Window((1, tensor.channels))
    real = tensor.codes is None
    value = reader.add(MaxPool(window) if real else Pooling(window, "max"), rows.node)
    return [Flow(value, found.places, flow.codes, flow.whole), found]

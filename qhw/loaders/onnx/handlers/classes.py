"""ONNX's operators over classes: softmax, which the host computes, and argmax."""

from math import prod

import numpy as np

from ....layers import ArgMax, Softmax
from ..file import OnnxNode
from ..operators import ANY, handles
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
    flow = reader.whole(reader.real(node))
    reader.axis(node("axis"), flow)
    if len(flow.shape) != 1 or not np.array_equal(
            flow.places, np.arange(reader.tensors[flow.node].size)):
        raise Unsupported("argmax is supported over a vector of classes only")
    made = reader.add(ArgMax(bool(node("select_last_index"))), flow.node)
    return Flow(made, np.zeros(1 if node("keepdims") else (), np.int64), whole=True)

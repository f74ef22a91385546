"""ONNX's operators over classes: softmax, which the host computes, and the largest of them."""

from dataclasses import replace
from math import prod

import numpy as np

from ....exact.num import Rounding
from ....exact.window import Window
from ....layers import ArgMax, Recode, Softmax
from ....layers.pool import MaxPool
from ....ops.pooling import Pooling
from ..file import OnnxNode
from ..operators import ANY, MICROSOFT, UNREAD, Only, given, handles
from ..reader import Reader, standard
from ..values import Flow, Unsupported
from .qdq import one as one_of
from .qdq import parameters, real_of
from .qonnx import quantized

__all__: list[str] = []


@handles("Softmax", "LogSoftmax", versions=(1, 11, 13), axis=ANY)
def _softmax(reader: Reader, node: OnnxNode):
    """Over all of a sample, or over one dimension; before opset 13 over all from ``axis`` on."""
    return _over(reader, reader.real(node), node("axis"), Softmax(log=node.op == "LogSoftmax"),
                 all_behind=node.version < 13)


@handles("QLinearSoftmax", domains=MICROSOFT, inputs=(5, 5), axis=given(None), opset=given(None))
def _qlinear_softmax(reader: Reader, node: OnnxNode):
    """ONNX Runtime's: steps of ``1 / floor(1 / scale)``, and then the zero point.

    Its kernels sum in the order that suits a processor, so that a code beside a tie may differ."""
    if node("opset") is None:
        raise Unsupported("it has no attribute opset")
    old = int(node("opset")) < 13
    axis = node("axis") if node("axis") is not None else 1 if old else -1
    x = real_of(reader, reader.flow(node), *parameters(reader, node, 1, 2)[:2])
    made = _over(reader, x, axis, Softmax(), all_behind=old)
    scales, zeros, codes = parameters(reader, node, 3, 4)
    meant, one = one_of(scales, zeros), np.float32(1)
    steps = reader.affine(made, np.floor(one / scales.astype(np.float32)), np.zeros(1))
    found = quantized(reader, steps, codes, np.ones(1), zeros, Rounding.HALF_EVEN, zero_last=True)
    return replace(reader.each(Recode(*meant), found), codes=meant, whole=True)


def _over(reader: Reader, flow: Flow, axis: int, op: Softmax, *, all_behind: bool) -> Flow:
    """Adds a softmax over one dimension, or over all from it on if ``all_behind``."""
    flow = reader.whole(flow)
    axis = reader.axis(axis, flow)
    over = flow.shape[axis:] if all_behind else flow.shape[axis:axis + 1]
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

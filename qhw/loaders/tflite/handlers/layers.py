"""TFLite's layers with weights: sums of integers, then the file's multiplier and shift."""

from dataclasses import replace
from math import prod

import numpy as np

from ....exact.window import Window
from ....layers import Conv, Dense
from ....layers.conv import phases
from ....ops.reorder import tiled
from ....schemes import Codes, Scheme, integer_scheme
from ..operators import handles
from ..reader import Reader
from ..schema import TYPES
from ..values import Coding, Flow, TFLiteNode, TFLiteTensor, Unsupported
from .moves import sliced

__all__ = ["window_of"]

SAME, VALID = 0, 1
"""Numbers of paddings."""
BIASES = {False: ("INT32",), True: ("INT64", "INT32")}
"""Types of biases by whether the input has 16 bits; the first is that of all kernels."""
EITHER = ("CONV_2D", "FULLY_CONNECTED")
"""Operators whose kernels read every type."""
MOST_BIAS = 1 << 52
"""Biases are numbers in float64."""


def window_of(node: TFLiteNode, kernel: tuple[int, int], flow: Flow, *, dilated: bool = False
              ) -> Window:
    """Makes an operator's window on an image; the pads of the flow are added to the window's pads.

    Parameters
    ----------
    node : the operator, for its options
    kernel : (rows, columns) in pixels
    flow : the image, of the file's shape
    dilated : whether the operator has dilations"""
    stride = node("stride_h"), node("stride_w")
    dilation = (node("dilation_h"), node("dilation_w")) if dilated else (1, 1)
    if node("padding") not in (SAME, VALID):
        raise Unsupported(f"its padding {node('padding')} is not known")
    window = Window(kernel, stride, dilation)
    if node("padding") == SAME:
        window = Window.same(kernel, stride, dilation, (flow.shape[1], flow.shape[2]), upper=True)
    rows, columns = flow.blocks[:2] or (1, 1)
    if rows > 1 < stride[0] or columns > 1 < stride[1]:
        raise Unsupported(f"its stride {stride} passes over rows or columns that are dealt to "
                          f"several images")
    pads = tuple(a * b + c for a, b, c in zip(window.pads, (rows, columns) * 2, flow.pads,
                                              strict=True))
    return replace(window, pads=pads, dilation=(dilation[0] * rows, dilation[1] * columns))


def weights_of(reader: Reader, node: TFLiteNode, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Reads the weights of an operator from ``reader``: integers minus their zero points, and
    scales.

    There is one scale, (1,), or one for each index of the dimension ``axis`` of the weights.
    Unsupported if the weights of ``node`` are not constants of 4 or 8 bits, or have other
    scales."""
    data, tensor = reader.constant(node, 1), reader.tensor(node.inputs[1])
    if data is None or tensor.type not in ("INT8", "UINT8", "INT4"):
        raise Unsupported(f"its weights are of type {tensor.type}, and only INT8, UINT8 and INT4 "
                          f"are supported", "quantize the whole network")
    if not len(tensor.scales) or len(tensor.scales) > 1 and (
            tensor.axis != axis or data.shape[axis] != len(tensor.scales)):
        raise Unsupported("its weights have no scale, or several that are not those of its outputs")
    one = node.op == "FULLY_CONNECTED" and len(tensor.scales) == 1
    if tensor.zeros.any() and tensor.type != "UINT8" and not one:
        raise Unsupported("its weights have zero points, which its kernel leaves out")
    shape = [1] * data.ndim
    shape[axis] = -1
    return data.astype(np.int64) - tensor.zeros.reshape(shape), tensor.scales.astype(np.float64)


def bias_of(reader: Reader, node: TFLiteNode, outputs: int) -> np.ndarray | None:
    """Reads an operator's biases from ``reader``, integers (outputs,); None if ``node`` has none.

    ``outputs`` is the number of outputs. Unsupported if the biases are not ``outputs`` integers
    of at most 52 bits."""
    found = reader.constant(node, 2)
    if found is None:
        return None
    type, wanted = reader.tensor(node.inputs[2]).type, BIASES[wide(reader, node)]
    if type not in wanted[:1 + (node.op in EITHER)]:
        raise Unsupported(f"its bias is of type {type}, and its kernel reads {wanted[0]}")
    if found.dtype.kind != "i" or found.size != outputs:
        raise Unsupported(f"its bias must be {outputs} integers")
    if np.abs(found.astype(np.float64)).max() >= MOST_BIAS:
        raise Unsupported("its bias has more than 52 bits")
    return found.ravel().astype(np.float64)


def wide(reader: Reader, node: TFLiteNode) -> bool:
    """Tells whether the first input of an operator has codes of 16 bits."""
    return reader.tensor(node.inputs[0]).type == "INT16"


def single(reader: Reader, node: TFLiteNode) -> bool:
    """Tells whether the operator's reference kernel has accumulators of 64 bits and so rounds
    once. Where a bias is left out, an option may say the type that it would have."""
    bias = node.inputs[2] if len(node.inputs) == 3 else -1
    if bias < 0:
        narrow = node.op in EITHER and node("bias_type") == TYPES.index("INT32")
    else:
        narrow = reader.tensor(bias).type != "INT64"
    return wide(reader, node) and not narrow


def most_of(weights: np.ndarray, bias: np.ndarray | None, coding: Coding) -> np.ndarray:
    """Computes the largest possible magnitude of each sum, (outputs,).

    Parameters
    ----------
    weights : (outputs, ...)
    bias : (outputs,), or None
    coding : the input's codes"""
    sums = np.abs(weights).reshape(len(weights), -1).sum(axis=1) * float(coding.most)
    return sums if bias is None else sums + np.abs(bias)


def scheme_of(weights: np.ndarray) -> tuple[Scheme, Codes]:
    """Selects a scheme for integer weights (outputs, inputs); returns it and its codes of scale
    1."""
    scheme, codes = integer_scheme(weights)
    return scheme, Codes(codes, np.ones(len(weights)))


@handles("CONV_2D", inputs=(2, 3))
@handles("DEPTHWISE_CONV_2D", inputs=(2, 3))
def _conv(reader: Reader, node: TFLiteNode):
    flow = reader.plain(node)
    x, coding = reader.image(flow), reader.coding(node.inputs[0])
    depthwise = node.op != "CONV_2D"
    weights, scales = weights_of(reader, node, 3 if depthwise else 0)
    if weights.ndim != 4 or depthwise and weights.shape[0] != 1:
        raise Unsupported(f"its weights have the shape {list(weights.shape)}")
    if depthwise:
        weights = weights.transpose(3, 1, 2, 0)
    outputs, rows, columns, seen = weights.shape
    channels = reader.tensors[x].channels
    groups = channels // seen if seen else 1
    if depthwise and node("multiplier") not in (0, outputs // channels):
        raise Unsupported(f"its depth multiplier is {node('multiplier')}, and its weights are for "
                          f"{outputs} outputs of {channels} channels")
    window = window_of(node, (rows, columns), flow, dilated=True)
    scheme, codes = scheme_of(weights.reshape(outputs, -1))
    bias = bias_of(reader, node, outputs)
    op = Conv(scheme, codes, window, groups, bias=bias)
    made = reader.add(op, x, part="sum")
    out = reader.activated(node.outputs[0], node("activation"))
    real = np.float64(coding.scale) * scales / np.float64(out.scale)
    most = most_of(weights, bias, coding)
    made = reader.rescaled(made, real, out, most, single=single(reader, node))
    blocks = flow.blocks or (1, 1, 1)
    shape = (n // b for n, b in zip(reader.tensors[made].shape, blocks, strict=True))
    return Flow(made, (flow.shape[0], *shape), blocks=flow.blocks)


@handles("FULLY_CONNECTED", inputs=(2, 3))
def _dense(reader: Reader, node: TFLiteNode):
    flow, coding = reader.flow(node), reader.coding(node.inputs[0])
    if node("weights_format"):
        raise Unsupported("its weights are shuffled, which is not supported")
    weights, scales = weights_of(reader, node, 0)
    if weights.ndim != 2:
        raise Unsupported(f"its weights have the shape {list(weights.shape)}")
    outputs, inputs = weights.shape
    rows = reader.tensors[flow.node].size // inputs
    x = reader.viewed(flow, (rows, inputs) if rows > 1 else (inputs,))
    scheme, codes = scheme_of(weights)
    bias = bias_of(reader, node, outputs)
    made = reader.add(Dense(scheme, codes, bias), x, part="sum")
    out = reader.activated(node.outputs[0], node("activation"))
    real = np.float64(coding.scale) * scales / np.float64(out.scale)
    made = reader.rescaled(made, real, out, most_of(weights, bias, coding),
                           single=single(reader, node))
    shape = (*flow.shape[:-1], outputs) if node("keep_num_dims") else (rows, outputs)
    return Flow(made, shape)


@handles("BATCH_MATMUL", inputs=(2, 2))
def _product(reader: Reader, node: TFLiteNode):
    """Rows times a constant matrix."""
    if not isinstance(reader.values.get(node.inputs[1]), TFLiteTensor):
        raise Unsupported("it multiplies two computed matrices, as attention does, which is not "
                          "supported")
    flow, data = reader.flow(node), np.asarray(reader.constant(node, 1)).astype(np.int64)
    x, y, out = (reader.coding(k) for k in (*node.inputs, *node.outputs))
    if node("adj_x") or data.ndim < 2 or max(data.shape[:-2], default=1) > 1:
        raise Unsupported("its first input is transposed, or its constant is of several matrices")
    if len({reader.tensor(k).type for k in node.inputs}) > 1:
        raise Unsupported("its inputs are of several types", "quantize the whole network")
    weights = data.reshape(data.shape[-2:]) - y.zero
    weights = weights if node("adj_y") else weights.T
    outputs, inputs = (int(n) for n in weights.shape)
    rows = prod(flow.shape[:-1])
    source = reader.viewed(flow, (rows, inputs) if rows > 1 else (inputs,))
    made = reader.add(Dense(*scheme_of(weights)), source, part="sum")
    real = np.array([float(x.scale * y.scale) / float(out.scale)])
    made = reader.rescaled(made, real, out, most_of(weights, None, x), single=x.codes.width > 8)
    more = (1,) * max(data.ndim - len(flow.shape), 0)
    return Flow(made, (*more, *flow.shape[:-1], outputs))


@handles("TRANSPOSE_CONV", inputs=(3, 4))
def _transpose_conv(reader: Reader, node: TFLiteNode):
    """A convolution for each place of an output pixel between input pixels, whose channels then
    become these pixels."""
    node = replace(node, inputs=(node.inputs[2], node.inputs[1], *node.inputs[3:]),
                   options={**node.options, "dilation_h": 1, "dilation_w": 1})
    flow = reader.flow(node)
    x, coding = reader.image(flow), reader.coding(node.inputs[0])
    weights, scales = weights_of(reader, node, 0)
    (_, *sizes, outputs), stride = reader.tensor(node.outputs[0]).shape, (
        node("stride_h"), node("stride_w"))
    if weights.ndim != 4 or weights.shape[0] != outputs or min(stride) < 1:
        raise Unsupported(f"its weights have the shape {list(weights.shape)}")
    rows, columns, inputs = weights.shape[1:]
    before = window_of(node, (rows, columns), Flow("", (1, *sizes, outputs))).pads[:2]
    try:
        parts, window = phases(weights, stride, before, flow.shape[1:3], tuple(sizes))
    except ValueError as e:
        raise Unsupported(str(e)) from None
    scheme, codes = scheme_of(parts.reshape(-1, window.taps * inputs))
    bias = bias_of(reader, node, outputs)
    places = stride[0] * stride[1]
    made = reader.add(Conv(scheme, codes, window,
                           bias=None if bias is None else np.tile(bias, places)), x, part="sum")
    out = reader.activated(node.outputs[0], node("activation"))
    real = np.float64(coding.scale) * scales / np.float64(out.scale)
    most = np.tile(most_of(weights, bias, coding), places)
    made = reader.rescaled(made, np.tile(real, places) if len(real) > 1 else real, out, most,
                           single=single(reader, node), part="phases")
    h, w, c = reader.tensors[made].shape
    made = reader.add(tiled((h, w, c), *stride), made, part="whole")
    whole = Flow(made, (1, *reader.tensors[made].shape))
    return sliced(reader, whole, [(0, 1, 1), (before[0], sizes[0], 1), (before[1], sizes[1], 1),
                                  (0, outputs, 1)])

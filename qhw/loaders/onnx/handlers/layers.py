"""ONNX's weighted layers, and blocks of pixels that become channels."""

import numpy as np

from ....exact.window import Window
from ....layers import Conv, Dense, FloatConv, Linear
from ....ops import Reorder
from ....ops.reorder import depth_to_space, space_to_depth
from ....schemes import Codes, Scheme, integer_scheme
from ..file import OnnxNode
from ..operators import ANY, CHANNELS_LAST, Attribute, Only, given, handles
from ..reader import Reader, standard
from ..values import Constant, Flow, Unsupported, claimed
from .pads import unpadded

__all__ = ["SPATIAL", "WINDOW", "biased", "channels_last", "conv", "convolution", "dense",
           "rearranged", "window_of"]


WINDOW: dict[str, Attribute] = {
    "kernel_shape": ANY, "strides": ANY, "dilations": ANY, "pads": ANY,
    "auto_pad": Only("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")}
"""Attributes of all operators with a window."""

SPATIAL: dict[str, Attribute] = {name: WINDOW[name] for name in ("kernel_shape", "strides", "pads")}
"""Of those of QONNX's domains."""

BITS: dict[str, Attribute] = {"weight_bits": ANY, "bias_bits": ANY}
"""Notes of PACT's exporters."""


def channels_last(node: OnnxNode) -> bool:
    """Tells whether a node's tensors are channels-last."""
    return (node.domain in CHANNELS_LAST or node.op.endswith("NHWC")
            or bool(node("channels_last")))


def convolution(weights: Constant, window: Window, groups: int) -> Conv | FloatConv:
    """Makes a convolution of quantized or of float weights; Unsupported as in ``weighted``.

    Parameters
    ----------
    weights : (outputs, taps * inputs of a group)
    window : the window
    groups : number of channel groups
    """
    if (found := weights.weights) is None:
        return FloatConv(weights.floats, window, groups)
    return Conv(*weighted(*found), window, groups)


def weighted(integers: np.ndarray, scale: np.ndarray) -> tuple[Scheme, Codes]:
    """Selects a scheme for integer weights (outputs, inputs); returns it and its codes.

    ``scale`` broadcasts to the weights and becomes the codes' scale. Unsupported if an output has
    several scales, or one that is not positive."""
    each = scale.reshape(len(integers), -1)
    if (each != each[:, :1]).any():
        raise Unsupported("its weights have several scales in one output",
                          "quantize them per tensor or per output channel")
    if not np.isfinite(each).all() or (each <= 0).any():
        bad = each[~(np.isfinite(each) & (each > 0))][0]
        raise Unsupported(f"its weights have the scale {bad}, which is not positive")
    scheme, codes = integer_scheme(integers)
    return scheme, Codes(codes, each[:, 0].astype(np.float64))


def biased(reader: Reader, flow: Flow, bias: Constant | None, channel: int = 0) -> Flow:
    """Adds a bias of one number a channel to a flow.

    Parameters
    ----------
    reader : the reader to add layers to
    flow : the tensor
    bias : (channels,), or None
    channel : index of ONNX's channel axis
    """
    if bias is None:
        return flow
    shape = [1] * len(flow.shape)
    shape[channel] = -1
    if bias.value.size > 1 and bias.value.ndim <= 1:
        bias = bias.moved(lambda a: a.reshape(shape))
    return reader.affine(flow, np.ones(1), bias.value)


def conv(reader: Reader, node: OnnxNode, flow: Flow, weights: Constant, bias: Constant | None
         ) -> Flow:
    """Adds a convolution; Unsupported if its weights do not fit.

    Parameters
    ----------
    reader : the reader to add layers to
    node : the ONNX node, for its attributes
    flow : the input
    weights : (outputs, channels / groups, *kernel)
    bias : (outputs,), or None
    """
    last = channels_last(node)
    rank = len(flow.shape)
    if weights.value.ndim != rank + 1:
        raise Unsupported(f"its weights have {weights.value.ndim} dimensions for an input of "
                          f"{rank + 1}")
    if not last:        # outputs, channels, *kernel
        weights = weights.moved(lambda a: np.moveaxis(a, 1, -1))
    claimed(weights.value if weights.integers is None else weights.integers, node("weight_bits"),
            "weights")
    outputs, *kernel, _ = weights.value.shape
    kernel = tuple(kernel)
    if node("kernel_shape") and tuple(node("kernel_shape")) != kernel:
        raise Unsupported(f"its kernel_shape {node('kernel_shape')} is not that of its weights, "
                          f"{list(kernel)}")
    x = reader.image(flow, channels_last=last)
    rows, columns, _ = reader.tensors[x.node].shape
    x, frame = unpadded(reader, x)
    window = window_of(node, kernel, (rows, columns)).framed(frame)
    op = convolution(weights.moved(lambda a: a.reshape(outputs, -1)), window, int(node("group")))
    made = reader.add(op, x.node, name=weights.layer if isinstance(op, FloatConv) else "")
    places = standard(reader.tensors[made].shape, channels_last=last, rank=rank)
    return biased(reader, Flow(made, places), bias, -1 if last else 0)


def window_of(node: OnnxNode, kernel: tuple[int, ...], size: tuple[int, int]) -> Window:
    """Makes a node's window; a one-dimensional window has one row.

    With ceil_mode it has the pads of the last, partial window.

    Parameters
    ----------
    node : the ONNX node, for its attributes
    kernel : (rows, columns) or (columns,), in pixels
    size : (height, width) of the image in pixels
    """
    def pair(name: str) -> tuple[int, int]:
        given = tuple(int(v) for v in node(name) or (1,) * len(kernel))
        if len(given) != len(kernel):
            raise Unsupported(f"its {name} {given} do not fit a kernel of {kernel}")
        return given if len(given) == 2 else (1, *given)    # pyright: ignore[reportReturnType]
    if len(kernel) not in (1, 2):
        raise Unsupported(f"a kernel of {len(kernel)} dimensions is not supported")
    stride, dilation = pair("strides"), pair("dilations")
    whole = kernel[0] if len(kernel) == 2 else 1, kernel[-1]
    auto, given = node("auto_pad") or "NOTSET", tuple(int(p) for p in node("pads") or ())
    if auto != "NOTSET" and any(given):
        raise Unsupported(f"it has pads {given} and auto_pad {auto}", "leave one out")
    try:
        if auto in ("SAME_UPPER", "SAME_LOWER"):
            return Window.same(whole, stride, dilation, size, upper=auto == "SAME_UPPER")
        pads = given or (0,) * 2 * len(kernel)
        if len(pads) != 2 * len(kernel) or min(pads) < 0:
            raise Unsupported(f"its pads {pads} do not fit a kernel of {kernel}")
        if len(kernel) == 1:
            pads = (0, pads[0], 0, pads[1])
        window = Window(whole, stride, dilation, (pads[0], pads[1], pads[2], pads[3]))
        return window.ceiled(*size) if node("ceil_mode") else window
    except ValueError as e:
        raise Unsupported(str(e)) from None


def dense(reader: Reader, flow: Flow, weights: Constant, bias: Constant | None) -> Flow:
    """Adds ``x @ weights``; Unsupported if the shapes do not fit.

    Parameters
    ----------
    reader : the reader to add layers to
    flow : the input x
    weights : (inputs, outputs)
    bias : (outputs,), or None
    """
    if weights.value.ndim != 2:
        raise Unsupported(f"its weights have {weights.value.ndim} dimensions, not 2")
    if len(flow.shape) == 1:
        x, places = reader.vector(flow)
        rows: tuple[int, ...] = ()
    else:
        x, places = reader.rows(flow), np.arange(flow.shape[-1])
        rows = flow.shape[:-1]
    if len(weights.value) != len(places):
        raise Unsupported(f"its weights are for {len(weights.value)} inputs, and there are "
                          f"{len(places)}")
    order = np.argsort(places)
    weights = weights.moved(lambda a: a[order].T)
    if (found := weights.weights) is None:
        made = reader.add(Linear(weights.floats), x.node, name=weights.layer)
    else:
        made = reader.add(Dense(*weighted(*found)), x.node)
    out = Flow(made, np.arange(reader.tensors[made].size).reshape(*rows, -1))
    return biased(reader, out, bias, -1)


@handles("Conv", versions=(1, 11, 22), also=WINDOW, group=ANY, notes=BITS)
@handles("Conv", domains=CHANNELS_LAST, inputs=(2, 3), also=WINDOW, group=given(1))
def _conv(reader: Reader, node: OnnxNode):
    bias = reader.value(node, 2)
    if bias is not None and not isinstance(bias, Constant):
        raise Unsupported("its bias must be a constant")
    return conv(reader, node, reader.real(node), reader.constant(node, 1), bias)


@handles("MatMul", versions=(1, 9, 13), notes=BITS)
def _matmul(reader: Reader, node: OnnxNode):
    weights = reader.constant(node, 1)
    claimed(weights.value, node("weight_bits"), "weights")
    return dense(reader, reader.real(node), weights, None)


@handles("Gemm", versions=(7, 9, 11, 13), alpha=ANY, beta=ANY, transB=ANY, notes=BITS,
         transA=Only(0, help="put a Transpose before it"))
def _gemm(reader: Reader, node: OnnxNode):
    weights, bias = reader.constant(node, 1), reader.value(node, 2)
    if bias is not None and not isinstance(bias, Constant):
        raise Unsupported("its bias must be a constant")
    if node("transB"):
        weights = weights.moved(lambda a: a.T)
    claimed(weights.value, node("weight_bits"), "weights")
    out = dense(reader, reader.real(node), weights, None)
    if node("alpha") != 1:
        out = reader.affine(out, np.array([node("alpha")]), np.zeros(1))
    if bias is None or not node("beta"):
        return out
    claimed(bias.value, node("bias_bits"), "biases")
    return biased(reader, out, Constant(bias.value.astype(np.float64) * node("beta")), -1)


@handles("DepthToSpace", versions=(1, 11, 13), blocksize=ANY, mode=Only("DCR", "CRD"))
@handles("SpaceToDepth", versions=(1, 13), blocksize=ANY)
def _depth(reader: Reader, node: OnnxNode):
    flow, size = reader.flow(node), int(node("blocksize"))
    if size < 1:
        raise Unsupported(f"blocks of {size} are not supported")
    x = reader.image(flow, channels_last=False)
    h, w, c = reader.tensors[x.node].shape
    if node.op == "DepthToSpace" and c % size**2 or node.op == "SpaceToDepth" and (
            h % size or w % size):
        raise Unsupported(f"blocks of {size} do not divide {flow.shape}")
    op = (depth_to_space((h, w, c), size, columns_first=node("mode") == "CRD")
          if node.op == "DepthToSpace" else space_to_depth((h, w, c), size))
    return rearranged(reader, flow, x, op, False)


def rearranged(reader: Reader, flow: Flow, x: Flow, op: Reorder, last: bool) -> Flow:
    """Adds a layer that moves the elements of ``flow``.

    Parameters
    ----------
    reader : the reader to add layers to
    flow : the tensor before its layout change
    x : the same tensor, whole
    op : the layer
    last : whether ONNX's tensor is channels-last
    """
    made = reader.add(op, x.node)
    places = standard(reader.tensors[made].shape, channels_last=last, rank=len(flow.shape))
    return Flow(made, places, flow.codes, flow.whole)

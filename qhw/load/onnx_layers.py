"""ONNX's weighted layers, pooling and joins."""

from itertools import product

import numpy as np

from ..ops import (
    Add,
    AveragePool,
    Concat,
    Conv,
    Dense,
    Join,
    MaxPool,
    Pooling,
    Reorder,
)
from ..ops.reorder import depth_to_space, enlarge, space_to_depth
from ..schemes import Codes, Scheme, integer_scheme
from ..window import Window
from .onnx_file import OnnxNode
from .onnx_reader import Reader, handles, standard
from .onnx_values import Constant, Flow, Unsupported

__all__: list[str] = []


ENLARGING = {("asymmetric", "floor"), *product(
    ("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel"),
    ("round_prefer_floor", "round_prefer_ceil"))}
"""Ways to take the nearest pixel that, for whole factors, repeat each pixel as often."""


def channels_last(node: OnnxNode) -> bool:
    return "channels_last" in node.domain or node.op.endswith("NHWC")


def weighted(integers: np.ndarray, scale: np.ndarray) -> tuple[Scheme, Codes]:
    """A scheme for integer weights (outputs, inputs), and its codes with a scale an output."""
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
    """With a bias of one number a channel, ``channel`` being ONNX's axis of them."""
    if bias is None:
        return flow
    shape = [1] * len(flow.shape)
    shape[channel] = -1
    if bias.value.size > 1 and bias.value.ndim <= 1:
        bias = bias.moved(lambda a: a.reshape(shape))
    return reader.affine(flow, np.ones(1), bias.value)


def conv(reader: Reader, node: OnnxNode, flow: Flow, weights: Constant, bias: Constant | None
         ) -> Flow:
    last = channels_last(node)
    rank = len(flow.shape)
    integers, scale = weights.weights
    if integers.ndim != rank + 1:
        raise Unsupported(f"its weights have {integers.ndim} dimensions for an input of {rank + 1}")
    if not last:        # outputs, channels, *kernel
        integers, scale = (np.moveaxis(a, 1, -1) for a in (integers, scale))
    kernel = integers.shape[1:-1]
    x = reader.image(flow, channels_last=last)
    rows, columns, _ = reader.tensors[x.node].shape
    window = window_of(node, kernel, (rows, columns))
    groups = int(node("group", 1))
    outputs = len(integers)
    scheme, codes = weighted(integers.reshape(outputs, -1), scale.reshape(outputs, -1))
    made = reader.add(Conv(scheme, codes, window, groups), x.node)
    places = standard(reader.tensors[made].shape, channels_last=last, rank=rank)
    return biased(reader, Flow(made, places), bias, -1 if last else 0)


def window_of(node: OnnxNode, kernel: tuple[int, ...], size: tuple[int, int]) -> Window:
    """A node's window; one-dimensional ones have one row."""
    def pair(name: str) -> tuple[int, int]:
        given = tuple(int(v) for v in node(name) or (1,) * len(kernel))
        if len(given) != len(kernel):
            raise Unsupported(f"its {name} {given} do not fit a kernel of {kernel}")
        return given if len(given) == 2 else (1, *given)    # type: ignore[return-value]
    if len(kernel) not in (1, 2):
        raise Unsupported(f"a kernel of {len(kernel)} dimensions is not supported")
    stride, dilation = pair("strides"), pair("dilations")
    whole = kernel[0] if len(kernel) == 2 else 1, kernel[-1]
    auto = node("auto_pad", "NOTSET")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        return Window.same(whole, stride, dilation, size, upper=auto == "SAME_UPPER")
    pads = tuple(int(p) for p in node("pads") or (0,) * 2 * len(kernel))
    if auto == "VALID":
        pads = (0,) * 2 * len(kernel)
    if len(pads) != 2 * len(kernel) or min(pads) < 0:
        raise Unsupported(f"its pads {pads} do not fit a kernel of {kernel}")
    if len(kernel) == 1:
        pads = (0, pads[0], 0, pads[1])
    try:
        return Window(whole, stride, dilation, (pads[0], pads[1], pads[2], pads[3]))
    except ValueError as e:
        raise Unsupported(str(e)) from None


def dense(reader: Reader, flow: Flow, weights: Constant, bias: Constant | None) -> Flow:
    """``x @ weights``, which are (inputs, outputs)."""
    integers, scale = weights.weights
    if integers.ndim != 2:
        raise Unsupported(f"its weights have {integers.ndim} dimensions, not 2")
    if len(flow.shape) == 1:
        x, places = reader.vector(flow)
        rows: tuple[int, ...] = ()
    else:
        x, places = reader.rows(flow), np.arange(flow.shape[-1])
        rows = flow.shape[:-1]
    if len(integers) != len(places):
        raise Unsupported(f"its weights are for {len(integers)} inputs, and there are "
                          f"{len(places)}")
    order = np.argsort(places)
    scheme, codes = weighted(integers[order].T, scale[order].T)
    made = reader.add(Dense(scheme, codes), x.node)
    out = Flow(made, np.arange(reader.tensors[made].size).reshape(*rows, -1))
    return biased(reader, out, bias, -1)


@handles("Conv")
def _conv(reader: Reader, node: OnnxNode):
    bias = reader.value(node, 2)
    if bias is not None and not isinstance(bias, Constant):
        raise Unsupported("its bias must be a constant")
    return conv(reader, node, reader.real(node), reader.constant(node, 1), bias)


@handles("MatMul", "Gemm")
def _matmul(reader: Reader, node: OnnxNode):
    weights = reader.constant(node, 1)
    if node("transA", 0):
        raise Unsupported("a transposed first input is not supported")
    if node("transB", 0):
        weights = weights.moved(lambda a: a.T)
    alpha, beta = float(node("alpha", 1.0)), float(node("beta", 1.0))
    out = dense(reader, reader.real(node), weights, None)
    if alpha != 1:
        out = reader.affine(out, np.array([alpha]), np.zeros(1))
    bias = reader.value(node, 2) if node.op == "Gemm" else None
    if isinstance(bias, Constant) and beta:
        value = Constant(bias.value * beta) if beta != 1 else bias
        out = biased(reader, out, value, -1)
    elif bias is not None and beta:
        raise Unsupported("its bias must be a constant")
    return out


@handles("MaxPool", "GlobalMaxPool", "MaxPoolNHWC")
def _max_pool(reader: Reader, node: OnnxNode):
    return pooled(reader, node, reader.flow(node))


@handles("AveragePool", "GlobalAveragePool")
def _average_pool(reader: Reader, node: OnnxNode):
    return pooled(reader, node, reader.real(node))


@handles("ReduceMean")
def _mean(reader: Reader, node: OnnxNode):
    """Over rows and columns, it is a global average."""
    flow = reader.real(node)
    axes = node("axes") or (reader.array(node, 1).tolist() if reader.value(node, 1) else [])
    if sorted(reader.axis(int(a), flow) for a in axes) != [1, 2] or len(flow.shape) != 3:
        raise Unsupported("means are supported over rows and columns only")
    made = pooled(reader, OnnxNode(node.name, "GlobalAveragePool", "", node.inputs, node.outputs),
                  flow)
    return made if node("keepdims", 1) else Flow(made.node, made.places.reshape(-1))


def pooled(reader: Reader, node: OnnxNode, flow: Flow) -> Flow:
    last = channels_last(node)
    x = reader.image(flow, channels_last=last)
    tensor = reader.tensors[x.node]
    if node("ceil_mode", 0):
        raise Unsupported("ceil_mode is not supported", "pad the input instead")
    if node.op.startswith("Global"):
        window = Window(tensor.shape[:2])   # type: ignore[arg-type]
    else:
        kernel = tuple(int(k) for k in node("kernel_shape") or ())
        window = window_of(node, kernel, tensor.shape[:2])  # type: ignore[arg-type]
    if "Max" in node.op:
        op = MaxPool(window) if tensor.codes is None else Pooling(window, "max")
    elif any(window.pads) and not node("count_include_pad", 0):
        raise Unsupported("an average whose pads do not count is not supported",
                          "set count_include_pad")
    else:
        op = AveragePool(window)
    made = reader.add(op, x.node)
    places = standard(reader.tensors[made].shape, channels_last=last, rank=len(flow.shape))
    return Flow(made, places, flow.codes if "Max" in node.op else None)


@handles("Add", "Sub")
def _add(reader: Reader, node: OnnxNode):
    a, b = reader.value(node, 0), reader.value(node, 1)
    sign = -1.0 if node.op == "Sub" else 1.0
    if isinstance(a, Constant) and isinstance(b, Constant):
        return Constant(a.value + b.value if sign > 0 else a.value - b.value)
    if isinstance(b, Constant):
        return reader.affine(reader.real(node, 0), np.ones(1), sign * reader.array(node, 1))
    if isinstance(a, Constant):
        return reader.affine(reader.real(node, 1), np.full(1, sign), reader.array(node, 0))
    x, y = reader.real(node, 0), reader.real(node, 1)
    if sign < 0:
        y = reader.affine(y, np.full(1, -1.0), np.zeros(1), name=f"{y.node}_negated")
    if x.shape != y.shape:
        raise Unsupported(f"it adds {x.shape} and {y.shape}; only equal shapes are supported")
    y = reader.like(y, x)
    return x.at(reader.add(Add(), x.node, y.node))


@handles("Concat")
def _concat(reader: Reader, node: OnnxNode):
    values = [reader.value(node, k) for k in range(len(node.inputs))]
    if all(isinstance(v, Constant) for v in values):
        return Constant(np.concatenate([v.value for v in values], int(node("axis", 0))))    # type: ignore
    flows = [reader.flow(node, k) for k in range(len(node.inputs))]
    axis = reader.axis(int(node("axis", 1)), flows[0])
    last = axis == len(flows[0].shape) - 1
    if len(flows[0].shape) == 1:
        images = [reader.vector(f)[0] for f in flows]
        order = np.concatenate([f.places + sum(g.places.size for g in flows[:k])
                                for k, f in enumerate(flows)])
    elif last or axis == 0:
        images = [reader.image(f, channels_last=last) for f in flows]
        order = None
    else:
        raise Unsupported("joining is supported along channels only")
    tensors = [reader.tensors[f.node] for f in images]
    same = all(t.codes is not None and (t.scale, t.zero) == (tensors[0].scale, tensors[0].zero)
               for t in tensors)
    made = reader.add(Concat() if same else Join(), *(f.node for f in images))
    places = order if order is not None else standard(
        reader.tensors[made].shape, channels_last=last, rank=len(flows[0].shape))
    return Flow(made, places, flows[0].codes if same else None)


@handles("Resize", "Upsample")
def _resize(reader: Reader, node: OnnxNode):
    flow = reader.flow(node)
    last = channels_last(node)
    if node("mode", "nearest") != "nearest":
        raise Unsupported(f"mode {node('mode')} is not supported, only nearest")
    if len(node.inputs) > 3 and node.inputs[3]:
        sizes = [int(v) for v in reader.array(node, 3)][reader.batch:]
        scales = [b / a for a, b in zip(flow.shape, sizes, strict=True)]
    elif node("scales"):
        scales = list(node("scales"))[reader.batch:]
    else:
        scales = reader.array(node, 1 if node.op == "Upsample" else 2).tolist()[reader.batch:]
    channel = scales.pop(-1 if last else 0)
    whole = [int(s) for s in scales]
    if channel != 1 or whole != scales or len(whole) != 2 or min(whole) < 1:
        raise Unsupported(f"factors {scales} are not supported, only whole ones of rows and "
                          f"columns")
    how = (node("coordinate_transformation_mode", "half_pixel"),
           node("nearest_mode", "round_prefer_floor"))
    if node.op == "Resize" and reader.file.opset > 10 and how not in ENLARGING:
        raise Unsupported(f"{how[0]} with nearest_mode {how[1]} is not supported, only what "
                          f"repeats each pixel: asymmetric with floor, half_pixel with rounding")
    x = reader.image(flow, channels_last=last)
    return rearranged(reader, flow, x, enlarge(reader.tensors[x.node].shape, *whole), last)


@handles("DepthToSpace", "SpaceToDepth")
def _depth(reader: Reader, node: OnnxNode):
    flow, size = reader.flow(node), int(node("blocksize", 1))
    x = reader.image(flow, channels_last=False)
    h, w, c = reader.tensors[x.node].shape
    if node.op == "DepthToSpace" and c % size**2 or node.op == "SpaceToDepth" and (
            h % size or w % size):
        raise Unsupported(f"blocks of {size} do not divide {flow.shape}")
    op = (depth_to_space((h, w, c), size, columns_first=node("mode", "DCR") == "CRD")
          if node.op == "DepthToSpace" else space_to_depth((h, w, c), size))
    return rearranged(reader, flow, x, op, False)


def rearranged(reader: Reader, flow: Flow, x: Flow, op: Reorder, last: bool) -> Flow:
    made = reader.add(op, x.node)
    places = standard(reader.tensors[made].shape, channels_last=last, rank=3)
    return Flow(made, places, flow.codes, flow.whole)

"""ONNX's transposed convolution: an ordinary one for each phase of the outputs."""

import numpy as np

from ....exact.window import Window
from ....layers import Conv, FloatConv
from ....layers.conv import phases
from ....ops.reorder import tiled
from ....schemes import Codes, integer_scheme
from ..file import OnnxNode
from ..operators import ANY, Only, handles
from ..reader import Reader, standard
from ..values import Constant, Flow, Unsupported
from .layers import biased

__all__: list[str] = []


@handles("ConvTranspose", versions=(1, 11, 22), kernel_shape=ANY, strides=ANY, dilations=ANY,
         pads=ANY, output_padding=ANY, output_shape=ANY, group=ANY,
         auto_pad=Only("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"))
def _conv_transpose(reader: Reader, node: OnnxNode):
    """Its channels become the pixels between two input pixels; pads cut pixels off."""
    flow, weights = reader.real(node), reader.constant(node, 1)
    bias = reader.value(node, 2)
    if bias is not None and not isinstance(bias, Constant):
        raise Unsupported("its bias must be a constant")
    rank = len(flow.shape)
    if (seen := weights.value).ndim != rank + 1 or rank not in (2, 3):
        raise Unsupported(f"its weights have {seen.ndim} dimensions for an input of {rank + 1}")
    if node("kernel_shape") and tuple(node("kernel_shape")) != seen.shape[2:]:
        raise Unsupported(f"its kernel_shape {node('kernel_shape')} is not that of its weights, "
                          f"{list(seen.shape[2:])}")
    if rank == 2:
        weights = weights.moved(lambda a: a[:, :, None])
    x = reader.image(flow, channels_last=False)
    rows, columns, channels = reader.tensors[x.node].shape
    stride, dilation, more = (_pair(node, name, rank, d) for name, d in (
        ("strides", 1), ("dilations", 1), ("output_padding", 0)))
    whole, scales = _whole(weights, int(node("group")), channels, dilation)
    every = tuple((n - 1) * s + k + extra for n, s, k, extra in zip(
        (rows, columns), stride, whole.shape[1:3], more, strict=True))
    top, left, bottom, right = _pads(node, rank, every, (rows * stride[0], columns * stride[1]))
    made = every[0] - top - bottom, every[1] - left - right
    if min(made) < 1:
        raise Unsupported(f"its output would have {made[0]} x {made[1]} pixels")
    try:
        parts, window = phases(whole, stride, (top, left), (rows, columns), made)
    except ValueError as e:
        raise Unsupported(str(e)) from None
    rows_of = parts.reshape(-1, window.taps * channels)
    found = reader.add(
        FloatConv(rows_of, window) if scales is None
        else _quantized(rows_of, np.tile(scales, stride[0] * stride[1]), window),
        x.node, name=f"{weights.layer * (scales is None) or reader.current}_phases")
    height, width, count = reader.tensors[found].shape
    found = reader.add(tiled((height, width, count), *stride), found)
    places = standard(reader.tensors[found].shape, channels_last=False, rank=3)
    places = places[:, top:top + made[0], left:left + made[1]]
    return biased(reader, Flow(found, places if rank == 3 else places[:, 0]), bias)


def _quantized(weights: np.ndarray, scales: np.ndarray, window: Window) -> Conv:
    """A convolution of integer weights (outputs, inputs) and a scale for each output."""
    scheme, codes = integer_scheme(weights)
    return Conv(scheme, Codes(codes, scales), window)


def _pair(node: OnnxNode, name: str, rank: int, default: int) -> tuple[int, int]:
    """An attribute of (rows, columns); a sequence has one row."""
    given = tuple(int(v) for v in node(name) or (default,) * (rank - 1))
    if len(given) != rank - 1 or min(given) < default:
        raise Unsupported(f"its {name} {given} do not fit an input of {rank + 1} dimensions")
    return (given[0], given[1]) if rank == 3 else (default, given[0])


def _pads(node: OnnxNode, rank: int, every: tuple[int, int], same: tuple[int, int]
          ) -> tuple[int, int, int, int]:
    """Pixels that are cut off at the top, the left, the bottom and the right.

    Parameters
    ----------
    node : the ONNX node, for its attributes
    rank : dimensions of its input without the batch
    every : (height, width) of all pixels
    same : (height, width) with automatic pads
    """
    given = tuple(int(p) for p in node("pads") or (0,) * 2 * (rank - 1))
    if len(given) != 2 * (rank - 1) or min(given) < 0:
        raise Unsupported(f"its pads {given} do not fit an input of {rank + 1} dimensions")
    auto, shape = node("auto_pad"), tuple(int(n) for n in node("output_shape") or ())
    if not shape and not auto.startswith("SAME"):
        top, left, bottom, right = given if rank == 3 else (0, given[0], 0, given[1])
        return top, left, bottom, right
    if any(given):
        raise Unsupported(f"it has pads {given} besides its auto_pad or output_shape",
                          "leave one out")
    if shape and len(shape) != rank - 1:
        raise Unsupported(f"its output_shape {shape} does not fit an input of {rank + 1} "
                          f"dimensions")
    wanted = (every[0], *shape)[-2:] if shape else same if rank == 3 else (every[0], same[1])
    cut = [n - w for n, w in zip(every, wanted, strict=True)]
    if min(cut) < 0:
        raise Unsupported(f"its output would have {wanted[0]} x {wanted[1]} pixels, more than the "
                          f"{every[0]} x {every[1]} that it makes")
    less, more = [c // 2 for c in cut], [c - c // 2 for c in cut]
    first, last = (less, more) if auto == "SAME_UPPER" else (more, less)
    return first[0], first[1], last[0], last[1]


def _whole(weights: Constant, groups: int, channels: int, dilation: tuple[int, int]
           ) -> tuple[np.ndarray, np.ndarray | None]:
    """Weights (outputs, rows, columns, inputs) of all groups, zeros between dilated taps, and a
    scale for each output, or None for float weights."""
    inputs, outputs, rows, columns = weights.value.shape
    found = weights.weights
    kept = weights.floats if found is None else found[0]
    if inputs != channels or inputs % groups:
        raise Unsupported(f"its weights are for {inputs} channels in {groups} groups, and there "
                          f"are {channels}")
    one = inputs // groups
    full = np.zeros((groups * outputs, (rows - 1) * dilation[0] + 1,
                     (columns - 1) * dilation[1] + 1, inputs), kept.dtype)
    scales: list[np.ndarray] = []
    for g in range(groups):
        own = np.s_[g * one:(g + 1) * one]
        full[g * outputs:(g + 1) * outputs, ::dilation[0], ::dilation[1], own] = (
            kept[own].transpose(1, 2, 3, 0))
        if found is not None:
            scales.append(found[1][own].transpose(1, 0, 2, 3).reshape(outputs, -1))
    if found is None:
        return full, None
    each = np.concatenate(scales)
    if (each != each[:, :1]).any():
        raise Unsupported("its weights have several scales in one output",
                          "quantize them per tensor or per output channel")
    return full, each[:, 0].astype(np.float64)

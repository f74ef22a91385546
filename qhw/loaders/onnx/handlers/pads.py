"""ONNX's Pad: a frame of one number around a tensor, which is merged with a convolution behind
it."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from ....exact.window import Window
from ....layers import Recode
from ....layers.pool import AveragePool
from ....ops.pooling import Pooling
from ..file import OnnxNode
from ..operators import ANY, Only, handles
from ..reader import Reader, rational, standard
from ..values import Flow, Unsupported

__all__ = ["unpadded"]

MODES = ("constant", "reflect", "edge", "wrap")
"""As NumPy has them too."""

Frame = tuple[int, int, int, int]
"""Pads at the top, the left, the bottom and the right."""


@handles("Pad", versions=(2, 11, 13, 18, 19, 21, 23, 24, 25), mode=Only(*MODES), pads=ANY,
         value=ANY)
def _pad(reader: Reader, node: OnnxNode):
    """A negative pad takes elements away. Integers that are codes are padded with a code, and other
    modes than constant with elements that are there."""
    flow = reader.flow(node)
    before, behind, value = _given(reader, node, flow)
    if any(max(-a, 0) + max(-b, 0) >= n
           for a, b, n in zip(before, behind, flow.shape, strict=True)):
        raise Unsupported(f"its pads {before} and {behind} take away all of {list(flow.shape)}")
    kept = tuple(slice(max(-a, 0), n - max(-b, 0))
                 for a, b, n in zip(before, behind, flow.shape, strict=True))
    flow = replace(flow, places=flow.places[kept])
    pads = [(max(a, 0), max(b, 0)) for a, b in zip(before, behind, strict=True)]
    if node("mode") != "constant":
        if node("mode") == "wrap" and node.version < 19 or min(*before, *behind) < 0:
            raise Unsupported(f"mode {node('mode')} with pads {before} and {behind} is not "
                              f"supported in opset {node.version}")
        most = [n - (node("mode") == "reflect") for n in flow.shape]
        if any(max(p) > n for p, n in zip(pads, most, strict=True)) and node("mode") != "edge":
            raise Unsupported(f"its pads {pads} are more than {flow.shape} has for "
                              f"{node('mode')}")
        return replace(flow, places=np.pad(flow.places, pads, node("mode")))
    if flow.codes is not None:
        scale, zero = flow.codes
        value = scale * (value - zero)
    return _padded(reader, flow, pads, value) if any(map(any, pads)) else flow


def _given(reader: Reader, node: OnnxNode, flow: Flow) -> tuple[list[int], list[int], Fraction]:
    """The pads before and behind each dimension of a sample, and their value."""
    if node.version < 11:
        pads, value = list(node("pads")), Fraction(node("value"))
    else:
        pads = reader.array(node, 1).tolist()
        value = (Fraction(0) if reader.value(node, 2) is None
                 else rational(reader.array(node, 2).item()))
    rank = len(flow.shape) + reader.batch
    axes = (list(range(rank)) if reader.value(node, 3) is None
            else [int(a) % rank for a in reader.array(node, 3)])
    if len(pads) != 2 * len(axes):
        raise Unsupported(f"its {len(pads)} pads do not fit {len(axes)} dimensions")
    sides = np.zeros((2, rank), int)
    sides[:, axes] = np.array(pads).reshape(2, -1)
    if reader.batch and sides[:, 0].any():
        raise Unsupported("it pads the batch")
    before, behind = sides[:, int(reader.batch):].tolist()
    return before, behind, value


def _padded(reader: Reader, flow: Flow, pads: list[tuple[int, int]], value: Fraction) -> Flow:
    """A flow with pads: first around the image, then on its channels."""
    rank = len(flow.shape)
    if rank not in (1, 2, 3):
        raise Unsupported(f"pads of {rank} dimensions are not supported")
    if rank == 1:
        x, places = reader.vector(flow)
        if not np.array_equal(places, np.arange(len(places))):
            x = reader.ordered(x, places)
        count = len(places) + sum(pads[0])
        made = _framed(reader, reader.reshaped(x, (1, len(places), 1)),
                       (0, pads[0][0], 0, pads[0][1]), value, flow)
        return replace(reader.reshaped(made, (count,)), places=np.arange(count))
    last = reader.last(flow)
    x = reader.image(flow, channels_last=last)
    (left, right), channels = pads[-2 if last else -1], pads[-1 if last else 0]
    top, bottom = (0, 0) if rank == 2 else pads[0 if last else 1]
    if top or left or bottom or right:
        x = _framed(reader, x, (top, left, bottom, right), value, flow)
    if any(channels):
        rows, columns, count = reader.tensors[x.node].shape
        x = _framed(reader, reader.reshaped(x, (rows * columns, count, 1)),
                    (0, channels[0], 0, channels[1]), value, flow)
        x = reader.reshaped(x, (rows, columns, count + sum(channels)))
    return replace(x, places=standard(reader.tensors[x.node].shape, channels_last=last, rank=rank))


def _framed(reader: Reader, x: Flow, frame: Frame, value: Fraction, like: Flow) -> Flow:
    """An image with a frame of a number: codes stay codes, if one of them is that number."""
    tensor = reader.tensors[x.node]
    window = Window((1, 1), pads=frame)
    code = value / tensor.scale + tensor.zero
    if tensor.codes is not None and code.denominator == 1:
        made = reader.add(Pooling(window, "sum", fill=int(code)), x.node)
        if (tensor.scale, tensor.zero) != (1, 0):
            made = reader.add(Recode(tensor.scale, tensor.zero), made)
        return replace(like, node=made)
    if like.codes is not None:
        raise Unsupported(f"it pads codes with {float(code):g}, which is no code")
    shift = np.array([float(value)])
    moved = reader.affine(replace(x, places=standard(tensor.shape, channels_last=True, rank=3)),
                          np.ones(1), -shift) if value else x
    made = Flow(reader.add(AveragePool(window), moved.node), moved.places, whole=like.whole)
    if not value:
        return made
    shape = reader.tensors[made.node].shape
    return reader.affine(replace(made, places=standard(shape, channels_last=True, rank=3)),
                         np.ones(1), shift)


def unpadded(reader: Reader, x: Flow) -> tuple[Flow, Frame]:
    """Returns the image inside a frame of zeros, and the frame in pixels; without a frame, ``x``
    and zeros."""
    node = reader.by_name[x.node]
    if isinstance(node.op, Recode):
        node = reader.by_name[node.inputs[0]]
    op = node.op
    if not isinstance(op, AveragePool | Pooling) or (op.window.taps, op.window.stride) != (
            1, (1, 1)):
        return x, (0, 0, 0, 0)
    source, = node.inputs
    if isinstance(op, Pooling) and (op.how != "sum" or op.fill != reader.tensors[source].zero):
        return x, (0, 0, 0, 0)
    return x.at(source), op.window.pads

"""TFLite's pooling: the mean, which the kernel rounds away from zero, and the maximum."""

from fractions import Fraction
from math import prod
from typing import Literal

import numpy as np

from ....exact.num import Rounding
from ....exact.window import Window
from ....layers import Affine, Quantize, Rescale
from ....layers.pool import AveragePool
from ....layers.rescale import fixed_point
from ....ops.pooling import Pooling
from ..kernels import within
from ..operators import handles
from ..reader import Reader
from ..values import Flow, TFLiteNode, Unsupported
from .layers import window_of

__all__: list[str] = []


@handles("MAX_POOL_2D")
def _max_pool(reader: Reader, node: TFLiteNode):
    flow = reader.flow(node)
    window = window_of(node, (node("filter_height"), node("filter_width")), flow)
    out = reader.activated(node.outputs[0], node("activation"))
    made = reader.clamped(reader.add(Pooling(window, "max"), reader.image(flow)), out)
    return Flow(made, (1, *reader.tensors[made].shape))


@handles("AVERAGE_POOL_2D")
def _average_pool(reader: Reader, node: TFLiteNode):
    flow = reader.flow(node)
    window = window_of(node, (node("filter_height"), node("filter_width")), flow)
    out, x = reader.activated(node.outputs[0], node("activation")), reader.image(flow)
    zero = int(reader.tensors[x].zero)
    mean = reader.add(AveragePool(window), x, part="mean")
    if any(window.pads):
        mean = _counted(reader, window, x, mean)
    made = reader.add(Quantize(out.codes, Fraction(1), zero, Rounding.HALF_AWAY), mean)
    return Flow(reader.clamped(made, out), (1, *reader.tensors[made].shape))


def _counted(reader: Reader, window: Window, x: str, mean: str) -> str:
    """The mean of the image's pixels alone, where pads counted as zeros."""
    rows, columns, channels = reader.tensors[x].shape
    count = window.patches(np.ones((1, rows, columns, 1)), 0).sum(axis=(3, 4)).ravel()
    if not count.all():
        raise Unsupported("some of its windows see nothing but pads")
    shape, size = reader.tensors[mean].shape, reader.tensors[mean].size
    source = reader.viewed(Flow(mean, (size,)), (size,))
    slopes = tuple(Fraction(window.taps, int(n)) for n in np.repeat(count, channels))
    made = reader.add(Affine(slopes, (Fraction(0),) * size), source, part="counted")
    return reader.viewed(Flow(made, (size,)), shape)


def _reduced(reader: Reader, node: TFLiteNode, how: Literal["max", "sum"], *, flip: bool = False
             ) -> tuple[str, int, tuple[int, ...]]:
    """Adds the sum or the largest code over an operator's dimensions, with ``flip`` the least;
    neighbouring dimensions are reduced at once.

    Returns the layer, the number of codes in each result, and the file's shape of the result."""
    flow = reader.flow(node)
    rank, sizes, source, total = len(flow.shape), list(flow.shape), flow.node, 1
    given = sorted({a % rank for a in reader.integers(node, 1) if -rank <= a < rank})
    if not given:
        raise Unsupported(f"it is over none of the dimensions of {list(flow.shape)}")
    axes = [a for a in given if sizes[a] > 1] or given[-1:]
    for last in reversed([a for a in axes if a + 1 not in axes]):
        first = next(a for a in range(last, -1, -1) if a - 1 not in axes)
        outer, count, inner = (prod(sizes[k]) for k in (
            slice(first), slice(first, last + 1), slice(last + 1, None)))
        view = reader.viewed(Flow(source, tuple(sizes)), (outer, count, inner))
        source = reader.add(Pooling(Window((1, count)), how, np.full(inner, True) if flip else None
                                    ), view, part=how)
        sizes[first:last + 1] = [1] * (last + 1 - first)
        total *= count
    kept = tuple(1 if k in given else n for k, n in enumerate(flow.shape)
                 if k not in given or node("keep_dims"))
    return source, total, kept


@handles("REDUCE_MAX", "REDUCE_MIN", inputs=(2, 2))
def _extreme(reader: Reader, node: TFLiteNode):
    """The largest or least code."""
    x, y = reader.coding(node.inputs[0]), reader.coding(node.outputs[0])
    if (x.scale, x.zero) != (y.scale, y.zero):
        raise Unsupported("its input and output have several scales or zero points")
    source, _, kept = _reduced(reader, node, "max", flip=node.op == "REDUCE_MIN")
    return Flow(source, kept)


@handles("MEAN", inputs=(2, 2))
@handles("SUM", inputs=(2, 2))
def _mean(reader: Reader, node: TFLiteNode):
    """A sum of integers; the multiplier that requantizes it has a part of the division."""
    x, y = reader.coding(node.inputs[0]), reader.coding(node.outputs[0])
    total, count, kept = _reduced(reader, node, "sum")
    total = reader.affine(total, 1, -count * x.zero, "centered")
    multiplier, shift = fixed_point(float(np.float64(x.scale) / np.float64(y.scale)))
    if node.op == "MEAN":
        more = min(count.bit_length() - 1, 32, 31 + shift)
        multiplier, shift = (multiplier << more) // count, shift - more
    within(count * x.most, shift)
    made = reader.add(Rescale(np.array([multiplier]), np.array([shift]), y.codes, y.zero), total)
    return Flow(made, kept)

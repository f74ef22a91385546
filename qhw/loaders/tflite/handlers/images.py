"""TFLite's operators that enlarge images, or exchange rows and columns with channels."""

from fractions import Fraction
from math import prod

import numpy as np

from .... import limits
from ....exact.num import Rounding
from ....exact.window import Window
from ....graph import Tensor
from ....layers import Affine, Conv, Dense, Quantize
from ....ops import Reorder
from ....ops.reorder import tiled
from ..operators import handles
from ..reader import Reader
from ..values import Flow, TFLiteNode, Unsupported
from .layers import scheme_of
from .moves import Part, gathered, repeated, sliced

__all__: list[str] = []


def _nearest(size: int, made: int, aligned: bool, half: bool) -> np.ndarray:
    """The index of the row that each new row repeats, in single precision."""
    scale = (np.float32(size - 1) / np.float32(made - 1) if aligned and made > 1
             else np.float32(size) / np.float32(made))
    place = (np.arange(made, dtype=np.float32) + np.float32(0.5 if half else 0)) * scale
    found = np.floor(place + np.float32(0.5)) if aligned else np.floor(place)
    return np.clip(found.astype(np.int64), 0, size - 1)


@handles("RESIZE_NEAREST_NEIGHBOR", inputs=(2, 2))
def _resize(reader: Reader, node: TFLiteNode):
    """Rows and columns are repeated or left out; if not evenly, they are selected one by one."""
    flow, sizes = reader.flow(node), reader.integers(node, 1)
    x = reader.image(flow)
    if len(sizes) != 2 or min(sizes) < 1:
        raise Unsupported(f"its sizes {list(sizes)} are no rows and columns")
    shape = (1, *sizes, flow.shape[3])
    if prod(shape) > limits.LAYER_ELEMENTS:
        raise Unsupported(f"its sizes {list(sizes)} are too large")
    node_ = Flow(x, flow.shape)
    for axis, made in ((1, sizes[0]), (2, sizes[1])):
        size, inner = node_.shape[axis], prod(node_.shape[axis + 1:])
        places = _nearest(size, made, bool(node("align_corners")),
                          bool(node("half_pixel_centers")))
        if made == size and (places == np.arange(size)).all():
            continue
        times, step = max(made // size, 1), max(size // made, 1)
        first, count = int(places[0]), made // times
        even = first + np.arange(count) * step
        if made % times or not np.array_equal(places, np.repeat(even, times)):
            node_ = gathered(reader, node_, axis, places.tolist())
            continue
        parts: list[Part] = [(0, n, 1) for n in node_.shape]
        parts[axis] = first, count, step
        node_ = sliced(reader, node_, parts, "kept")
        new = (*node_.shape[:axis], made, *node_.shape[axis + 1:])
        if times > 1:
            op = Reorder(inner, ((times, 0), (inner, 1)), new[1:])
            node_ = Flow(reader.add(op, node_.node, part="" if axis == 2 else "rows"), new)
    return Flow(node_.node, shape)


def _phases(size: int, made: int, aligned: bool, half: bool) -> np.ndarray | None:
    """The kernel's weights of the row before, the row itself and the row behind in each of the rows
    that a row becomes, in units of 1 / 1024, (rows, 3); None if they differ from row to row."""
    times = max(made // size, 1)
    if times * size != made or 1024 % times or aligned and times > 1:
        return None
    place = np.arange(times) * (1024 // times) + (512 // times - 512 if half else 0)
    return np.stack([np.maximum(-place, 0), 1024 - np.abs(place), np.maximum(place, 0)], axis=1)


def _weights(size: int, made: int, aligned: bool, half: bool) -> np.ndarray:
    """The kernel's weights of the rows in each new row, in units of 1 / 1024, (made, size)."""
    ends, steps = (size - 1, made - 1) if aligned and made > 1 else (size, made)
    scale = (1024 * ends + steps // 2) // steps
    place = np.arange(made) * scale + (scale // 2 - 512 if half else 0)
    lower = np.maximum(place >> 10, 0)
    if lower.max() >= size:
        raise Unsupported(f"its {size} rows or columns become {made}, and its kernel reads beyond "
                          f"the last of them")
    found, more = np.zeros((made, size), np.int64), place - 1024 * lower
    np.add.at(found, (np.arange(made), lower), 1024 - more)
    np.add.at(found, (np.arange(made), np.clip(place + 1023 >> 10, 0, size - 1)), more)
    return found


@handles("RESIZE_BILINEAR", inputs=(2, 2))
def _bilinear(reader: Reader, node: TFLiteNode):
    """The kernel adds pixels with weights, and rounds codes away from zero."""
    flow, sizes = reader.flow(node), reader.integers(node, 1)
    x, shape = reader.image(flow), (1, *sizes, flow.shape[3])
    if len(sizes) != 2 or min(sizes) < 1 or prod(shape) > limits.LAYER_ELEMENTS:
        raise Unsupported(f"its sizes {list(sizes)} are no rows and columns, or too large")
    if reader.tensor(node.inputs[0]).type == "UINT8":
        raise Unsupported("its kernel of UINT8 computes in floating point", "quantize to INT8")
    if flow.shape[1:3] == (1, 1):
        return repeated(reader, flow, shape, "all")
    axes = [(n, made, bool(node("align_corners")), bool(node("half_pixel_centers")))
            for n, made in zip(flow.shape[1:3], sizes, strict=True)]
    rows, columns = (_phases(*axis) for axis in axes)
    image = Flow(x, flow.shape)
    if rows is None or columns is None:
        made = _by_axes(reader, image, *(_weights(*axis) for axis in axes))
    else:
        made = _by_phases(reader, image, rows, columns)
    return Flow(reader.viewed(Flow(made, shape), shape[1:]), shape)


def _by_axes(reader: Reader, image: Flow, rows: np.ndarray, columns: np.ndarray) -> str:
    """Two products with constant matrices, one of all rows and one of all columns."""
    (high, h), (wide, w), channels = rows.shape, columns.shape, image.shape[3]
    made = reader.reordered(image.node, h * w * channels, ((w * channels, 1), (h, w * channels)),
                            (w * channels, h), "by_row")
    made = reader.add(Dense(*scheme_of(rows)), made, part="rows")
    made = reader.reordered(made, w * channels * high,
                            ((high, 1), (channels, high), (w, channels * high)),
                            (high * channels, w), "by_column")
    made = reader.add(Dense(*scheme_of(columns)), made, part="columns")
    made = _mean(reader, made, reader.tensors[image.node], 1 << 20)
    return reader.reordered(made, high * channels * wide,
                            ((high, channels * wide), (wide, 1), (channels, wide)),
                            (high, wide, channels))


def _mean(reader: Reader, source: str, x: Tensor, weight: int) -> str:
    """Divides sums by their ``weight`` and rounds them to the codes of ``x``."""
    count = reader.tensors[source].channels
    made = reader.add(Affine((Fraction(1, weight),) * count, (Fraction(0),) * count), source,
                      part="mean")
    return reader.add(Quantize(x.integer, Fraction(1), int(x.zero), Rounding.HALF_AWAY), made,
                      part="phases")


def _by_phases(reader: Reader, image: Flow, rows: np.ndarray, columns: np.ndarray) -> str:
    """A convolution of each channel for each of the pixels that a pixel becomes; those at the edges
    come again."""
    x, found = reader.tensors[image.node], list[np.ndarray]()
    for axis, weights in ((1, rows), (2, columns)):
        first, last = (int(weights[:, k].any()) for k in (0, 2))
        found.append(weights[:, 1 - first:2 + last] // np.gcd.reduce(weights, axis=None))
        n = image.shape[axis]
        image = gathered(reader, image, axis, [*[0] * first, *range(n), *[n - 1] * last])
    rows, columns = found
    (down, high), (right, wide), channels = rows.shape, columns.shape, image.shape[3]
    places, count = down * right, down * right * channels
    every = np.einsum("pi,qj->pqij", rows, columns).reshape(places, -1)
    conv = Conv(*scheme_of(np.tile(every, (channels, 1))), Window((high, wide)), channels)
    made = reader.add(conv, reader.viewed(image, image.own), part="sum")
    made = _mean(reader, made, x, int(every[0].sum()))
    h, w, _ = reader.tensors[made].shape
    order = (places, 1), (channels, places)
    made = reader.reordered(made, count, order, (h, w, count), "ordered")
    return reader.add(tiled((h, w, count), down, right), made) if places > 1 else made


@handles("DEPTH_TO_SPACE")
@handles("SPACE_TO_DEPTH")
def _depth(reader: Reader, node: TFLiteNode):
    """Blocks of pixels, row by row, become channels, or come of them."""
    flow, size = reader.flow(node), node("block_size")
    x = reader.image(flow)
    h, w, c = reader.tensors[x].shape
    deep = node.op == "DEPTH_TO_SPACE"
    if size < 1 or (c % size**2 if deep else h % size or w % size):
        raise Unsupported(f"blocks of {size} do not divide {list(flow.shape)}")
    op = tiled((h, w, c), size, size) if deep else Reorder(
        size * w * c, ((w // size, size * c), (size, w * c), (size, c), (c, 1)),
        (h // size, w // size, size**2 * c))
    made = reader.add(op, x)
    return Flow(made, (1, *reader.tensors[made].shape))

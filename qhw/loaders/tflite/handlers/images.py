"""TFLite's operators that enlarge images, or exchange rows and columns with channels."""

from math import prod

import numpy as np

from .... import limits
from ....ops import Reorder
from ....ops.reorder import tiled
from ..operators import handles
from ..reader import Reader
from ..values import Flow, TFLiteNode, Unsupported
from .moves import Part, sliced

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
    """Rows and columns are repeated or left out evenly."""
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
            raise Unsupported(f"its {size} rows or columns become {made} unevenly")
        parts: list[Part] = [(0, n, 1) for n in node_.shape]
        parts[axis] = first, count, step
        node_ = sliced(reader, node_, parts, "kept")
        new = (*node_.shape[:axis], made, *node_.shape[axis + 1:])
        if times > 1:
            op = Reorder(inner, ((times, 0), (inner, 1)), new[1:])
            node_ = Flow(reader.add(op, node_.node, part="" if axis == 2 else "rows"), new)
    return Flow(node_.node, shape)


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

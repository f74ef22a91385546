"""TFLite's operators on constants: sizes that a converter computes from other sizes.

A network for any batch size computes, while it runs, the shape to which it flattens its images.
With a batch of 1 this shape is constant."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..operators import handles
from ..reader import Reader
from ..schema import DTYPES
from ..values import TFLiteNode, TFLiteTensor, Unsupported

__all__ = ["folded"]

MOST = 1 << 10
"""Most elements of an operator's constants."""
Arrays = Sequence[np.ndarray]


def _sliced(node: TFLiteNode, arrays: Arrays) -> np.ndarray:
    """A part of a vector."""
    x, (begin,), (end,), (step,) = arrays
    if x.ndim != 1 or node("ellipsis_mask") or node("new_axis_mask") or node("offset"):
        raise Unsupported("it takes a part of a constant of several dimensions")
    first = None if node("begin_mask") else int(begin)
    if node("shrink_axis_mask"):
        return x[int(begin)]
    return x[first:None if node("end_mask") else int(end):int(step)]


FOLDED: dict[str, Callable[[TFLiteNode, Arrays], np.ndarray]] = {
    "ADD": lambda node, arrays: arrays[0] + arrays[1],
    "CAST": lambda node, arrays: arrays[0],
    "CONCATENATION": lambda node, arrays: np.concatenate(arrays, node("axis")),
    "EXPAND_DIMS": lambda node, arrays: np.expand_dims(arrays[0], int(arrays[1])),
    "GATHER": lambda node, arrays: np.take(arrays[0], arrays[1], node("axis")),
    "MUL": lambda node, arrays: arrays[0] * arrays[1],
    "PACK": lambda node, arrays: np.stack(arrays, node("axis")),
    "REDUCE_PROD": lambda node, arrays: np.prod(arrays[0], tuple(map(int, arrays[1].ravel())),
                                                keepdims=bool(node("keep_dims"))),
    "RESHAPE": lambda node, arrays: arrays[0],
    "SQUEEZE": lambda node, arrays: arrays[0],
    "STRIDED_SLICE": _sliced,
    "SUB": lambda node, arrays: arrays[0] - arrays[1],
}
"""Functions of whole numbers without a scale."""


def folded(reader: Reader, node: TFLiteNode) -> TFLiteTensor | None:
    """Computes the output of an operator whose inputs are all constant; None if they are not."""
    values = [reader.values.get(k) for k in node.inputs]
    if node.op not in FOLDED or not values or not all(isinstance(v, TFLiteTensor) for v in values):
        return None
    arrays = [np.asarray(v.data) for v in values if isinstance(v, TFLiteTensor)]
    out = reader.tensor(node.outputs[0])
    if any(a.dtype.kind != "i" for a in arrays) or out.type not in ("INT32", "INT64") or (
            len(out.scales)):
        return None
    if sum(a.size for a in arrays) > MOST:
        raise Unsupported(f"its constants have more than {MOST} elements")
    found = FOLDED[node.op](node, [a.astype(np.int64) for a in arrays])
    return replace(out, data=found.astype(DTYPES[out.type]).reshape(out.shape))


@handles("SHAPE")
def _shape(reader: Reader, node: TFLiteNode):
    """The shape that the file has, with its batch of 1."""
    out, shape = reader.tensor(node.outputs[0]), reader.plain(node).shape
    if out.type not in ("INT32", "INT64"):
        raise Unsupported(f"its output is of type {out.type}")
    return replace(out, data=np.array(shape, DTYPES[out.type]))


@handles("CAST")
@handles("GATHER", inputs=(2, 2))
@handles("PACK", inputs=(1, 64))
@handles("REDUCE_PROD", inputs=(2, 2))
def _computed(reader: Reader, node: TFLiteNode):
    raise Unsupported(f"{node.op} is supported of constants alone")

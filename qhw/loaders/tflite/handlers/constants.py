"""TFLite's operators on constants: sizes that a converter computes from other sizes.

A network for any batch size computes, while it runs, the shape to which it flattens its images.
With a batch of 1 this shape is constant."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod

import numpy as np

from ..operators import handles
from ..reader import CODES, Reader
from ..schema import DTYPES
from ..values import TFLiteNode, TFLiteTensor, Unsupported

__all__ = ["folded"]

MOST = 1 << 20
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


def _part(node: TFLiteNode, arrays: Arrays) -> np.ndarray:
    """As many elements of each dimension as ``sizes`` says; -1 are all behind the first."""
    x, begin, sizes = arrays
    return x[tuple(slice(b, None if n == -1 else b + n) for b, n in
                   zip(begin.ravel().tolist(), sizes.ravel().tolist(), strict=True))]


def _filled(node: TFLiteNode, arrays: Arrays) -> np.ndarray:
    shape: list[int] = arrays[0].tolist()
    return np.full(shape, arrays[1])


MOVED: dict[str, Callable[[TFLiteNode, Arrays], np.ndarray]] = {
    "BROADCAST_TO": lambda node, arrays: np.broadcast_to(arrays[0], arrays[1].tolist()),
    "CONCATENATION": lambda node, arrays: np.concatenate(arrays, node("axis")),
    "EXPAND_DIMS": lambda node, arrays: np.expand_dims(arrays[0], int(arrays[1])),
    "FILL": _filled,
    "GATHER": lambda node, arrays: np.take(arrays[0], arrays[1], node("axis")),
    "PACK": lambda node, arrays: np.stack(arrays, node("axis")),
    "RESHAPE": lambda node, arrays: arrays[0],
    "SLICE": _part,
    "SQUEEZE": lambda node, arrays: arrays[0],
    "STRIDED_SLICE": _sliced,
    "TRANSPOSE": lambda node, arrays: arrays[0].transpose(arrays[1].tolist()),
}
"""Functions that move whole numbers; their inputs may be codes with a scale."""
COMPUTED: dict[str, Callable[[TFLiteNode, Arrays], np.ndarray]] = {
    "ADD": lambda node, arrays: arrays[0] + arrays[1],
    "CAST": lambda node, arrays: arrays[0],
    "FLOOR_DIV": lambda node, arrays: arrays[0] // arrays[1],
    "FLOOR_MOD": lambda node, arrays: arrays[0] % arrays[1],
    "MAXIMUM": lambda node, arrays: np.maximum(arrays[0], arrays[1]),
    "MINIMUM": lambda node, arrays: np.minimum(arrays[0], arrays[1]),
    "MUL": lambda node, arrays: arrays[0] * arrays[1],
    "REDUCE_PROD": lambda node, arrays: np.prod(arrays[0], tuple(map(int, arrays[1].ravel())),
                                                keepdims=bool(node("keep_dims"))),
    "SUB": lambda node, arrays: arrays[0] - arrays[1],
}
"""Functions of whole numbers without a scale."""


def folded(reader: Reader, node: TFLiteNode) -> TFLiteTensor | None:
    """Computes the output of an operator whose inputs are all constant; None if they are not."""
    values = [reader.values.get(k) for k in node.inputs]
    function = MOVED.get(node.op) or COMPUTED.get(node.op)
    if function is None or not values or not all(isinstance(v, TFLiteTensor) for v in values):
        return None
    given = [v for v in values if isinstance(v, TFLiteTensor)]
    arrays, out = [np.asarray(v.data) for v in given], reader.tensor(node.outputs[0])
    coded = node.op in MOVED and out.type in CODES and max(len(v.scales) for v in given) < 2
    if any(a.dtype.kind != "i" for a in arrays) or not coded and (
            out.type not in ("INT32", "INT64") or len(out.scales)):
        return None
    if max(sum(a.size for a in arrays), prod(out.shape)) > MOST:
        raise Unsupported(f"its constants have more than {MOST} elements")
    found = function(node, [a.astype(np.int64) for a in arrays])
    return replace(out, data=found.astype(DTYPES[out.type]).reshape(out.shape))


@handles("SHAPE")
def _shape(reader: Reader, node: TFLiteNode):
    """The shape that the file has, with its batch of 1."""
    out, shape = reader.tensor(node.outputs[0]), reader.plain(node).shape
    if out.type not in ("INT32", "INT64"):
        raise Unsupported(f"its output is of type {out.type}")
    return replace(out, data=np.array(shape, DTYPES[out.type]))


@handles("CAST")
@handles("FILL", "FLOOR_DIV", "FLOOR_MOD", "REDUCE_PROD", inputs=(2, 2))
def _computed(reader: Reader, node: TFLiteNode):
    raise Unsupported(f"{node.op} is supported of constants alone")

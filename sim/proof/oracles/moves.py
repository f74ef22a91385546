"""What operators that move elements mean."""

from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np

from .meaning import Meaning, means

__all__: list[str] = []


@means("Reshape")
def _reshape(m: Meaning, a: dict[str, Any], x, shape):
    given = [int(v) for v in shape]
    if not a.get("allowzero", 0):
        given = [x.shape[k] if v == 0 else v for k, v in enumerate(given)]
    return x.reshape(given)


@means("Squeeze", "Unsqueeze")
def _squeeze(m: Meaning, a: dict[str, Any], x, axes=None):
    axes = tuple(int(k) for k in (a.get("axes") if axes is None else axes))
    return np.expand_dims(x, axes) if m.node.op_type == "Unsqueeze" else np.squeeze(x, axes)


@means("Slice")
def _slice(m: Meaning, a: dict[str, Any], x, starts, ends, axes=None, steps=None):
    cut = [slice(None)] * x.ndim
    axes = range(len(starts)) if axes is None else axes
    for k, axis in enumerate(axes):
        cut[int(axis)] = slice(int(starts[k]), int(ends[k]),
                               int(steps[k]) if steps is not None else 1)
    return x[tuple(cut)]


@means("Gather")
def _gather(m: Meaning, a: dict[str, Any], x, indices):
    return np.take(x, indices.astype(np.int64), axis=a.get("axis", 0))


@means("Split")
def _split(m: Meaning, a: dict[str, Any], x, sizes):
    return np.split(x, np.cumsum([int(s) for s in sizes])[:-1], axis=a.get("axis", 0))


@means("Pad")
def _pad(m: Meaning, a: dict[str, Any], x, pads, value=None):
    half = len(pads) // 2
    fill = 0 if value is None else value.ravel()[0]
    sides = [(int(pads[k]), int(pads[k + half])) for k in range(half)]
    if (mode := a.get("mode", "constant")) != "constant":
        return np.pad(x, sides, mode)
    return np.pad(x, sides, constant_values=fill)


@means("Resize")
def _resize(m: Meaning, a: dict[str, Any], x, roi=None, scales=None, sizes=None):
    """Dimension by dimension, in exact numbers."""
    given = scales if sizes is None else sizes
    for axis, value in zip(a.get("axes", range(x.ndim)), given.tolist(), strict=True):
        count = x.shape[axis]
        if axis == 0 or value == (1 if sizes is None else count):
            continue
        factor = Fraction(value) if sizes is None else Fraction(int(value), count)
        made = floor(count * factor) if sizes is None else int(value)
        if made < 1:
            raise ValueError("nothing is left")
        where = [NEAREST[a["nearest_mode"]](_place(
            a["coordinate_transformation_mode"], Fraction(k), count, made, factor))
            for k in range(made)]
        x = np.take(x, np.clip(where, 0, count - 1), axis=axis)
    return x


NEAREST = {"floor": floor, "ceil": ceil, "round_prefer_floor": lambda x: ceil(x - Fraction(1, 2)),
           "round_prefer_ceil": lambda x: floor(x + Fraction(1, 2))}


def _place(how: str, k: Fraction, count: int, made: int, factor: Fraction) -> Fraction:
    """Where the element ``k`` of the result lies before."""
    middle = (k + Fraction(1, 2)) / factor - Fraction(1, 2)
    shift = Fraction(count, 2) * (1 - made / (count * factor))
    return {"asymmetric": k / factor, "half_pixel": middle,
            "pytorch_half_pixel": middle if made > 1 else Fraction(0),
            "half_pixel_symmetric": shift + middle,
            "tf_half_pixel_for_nn": middle + Fraction(1, 2),
            "align_corners": k * (count - 1) / max(made - 1, 1)}[how]


@means("DepthToSpace")
def _depth_to_space(m: Meaning, a: dict[str, Any], x):
    n, c, h, w = x.shape
    b = a["blocksize"]
    if a.get("mode", "DCR") == "DCR":
        x = x.reshape(n, b, b, c // b**2, h, w).transpose(0, 3, 4, 1, 5, 2)
    else:
        x = x.reshape(n, c // b**2, b, b, h, w).transpose(0, 1, 4, 2, 5, 3)
    return x.reshape(n, c // b**2, h * b, w * b)


@means("SpaceToDepth")
def _space_to_depth(m: Meaning, a: dict[str, Any], x):
    n, c, h, w = x.shape
    b = a["blocksize"]
    x = x.reshape(n, c, h // b, b, w // b, b).transpose(0, 3, 5, 1, 2, 4)
    return x.reshape(n, c * b * b, h // b, w // b)

"""What operators that move elements mean."""

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
    return np.pad(x, [(int(pads[k]), int(pads[k + half])) for k in range(half)],
                  constant_values=fill)


@means("Resize")
def _resize(m: Meaning, a: dict[str, Any], x, roi=None, scales=None, sizes=None):
    for axis, factor in enumerate(scales):
        x = np.repeat(x, int(factor), axis=axis)
    return x


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

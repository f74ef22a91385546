"""Convolutions and pools of any number of dimensions, as ONNX defines them, on any numbers."""

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

__all__ = ["average_pool", "conv", "max_pool", "transposed"]


class Window:
    """Where the taps of a window lie along each axis of an input of the size given."""

    def __init__(self, a: dict[str, Any], kernel: tuple[int, ...], size: tuple[int, ...]):
        n = len(kernel)
        self.kernel, self.size = kernel, size
        self.strides = a.get("strides") or [1] * n
        self.dilations = a.get("dilations") or [1] * n
        extent = [(k - 1) * d + 1 for k, d in zip(kernel, self.dilations, strict=True)]
        auto = a.get("auto_pad", "NOTSET")
        pads = list(a.get("pads") or [0] * 2 * n) if auto == "NOTSET" else [0] * 2 * n
        if auto.startswith("SAME"):
            for k in range(n):
                outs = -(-size[k] // self.strides[k])
                total = max((outs - 1) * self.strides[k] + extent[k] - size[k], 0)
                pads[k], pads[n + k] = total // 2, total - total // 2
                if auto == "SAME_LOWER":
                    pads[k], pads[n + k] = pads[n + k], pads[k]
        self.before, self.after = pads[:n], pads[n:]
        room = [size[k] + pads[k] + pads[n + k] - extent[k] for k in range(n)]
        up = bool(a.get("ceil_mode", 0)) and auto == "NOTSET"
        self.outs = [-(-r // s) + 1 if up else r // s + 1
                     for r, s in zip(room, self.strides, strict=True)]
        if up:      # a window that starts in the padding behind is none
            self.outs = [o - ((o - 1) * self.strides[k] >= size[k] + self.before[k])
                         for k, o in enumerate(self.outs)]
        if min(self.outs) < 1:
            raise ValueError("the window does not fit")

    def taps(self):
        """For each place of the kernel, the index of each output's input, by axis."""
        for tap in product(*map(range, self.kernel)):
            yield tap, [np.arange(self.outs[k]) * self.strides[k] - self.before[k]
                        + tap[k] * self.dilations[k] for k in range(len(tap))]

    def inside(self, where: list[np.ndarray], *, pads: bool = False) -> np.ndarray:
        """Which of the taps lie in the input, or with ``pads`` in it or in its padding."""
        found = [(w >= -b * pads) & (w < s + e * pads) for w, s, b, e in zip(
            where, self.size, self.before, self.after, strict=True)]
        out = found[0]
        for f in found[1:]:
            out = out[..., None] & f
        return out

    def take(self, x: np.ndarray, where: list[np.ndarray]) -> np.ndarray:
        clipped = [np.clip(w, 0, s - 1) for w, s in zip(where, self.size, strict=True)]
        return x[(slice(None), slice(None), *np.ix_(*clipped))]


def conv(x: np.ndarray, w: np.ndarray, a: dict[str, Any]) -> np.ndarray:
    groups = a.get("group", 1)
    window = Window(a, w.shape[2:], x.shape[2:])
    per, outs = x.shape[1] // groups, w.shape[0] // groups
    y = np.zeros((len(x), w.shape[0], *window.outs), x.dtype) + x.ravel()[0] * 0
    for tap, where in window.taps():
        found = np.where(window.inside(where), window.take(x, where), x.ravel()[0] * 0)
        for g in range(groups):
            part = w[(slice(g * outs, (g + 1) * outs), slice(None), *tap)]
            y[:, g * outs:(g + 1) * outs] += np.moveaxis(np.tensordot(
                found[:, g * per:(g + 1) * per], part, (1, 1)), -1, 1)
    return y


def transposed(x: np.ndarray, w: np.ndarray, a: dict[str, Any]) -> np.ndarray:
    """Each input adds the kernel, times itself, where its stride puts it; pads cut off."""
    groups, (kernel, size) = a.get("group", 1), (w.shape[2:], x.shape[2:])
    n = len(kernel)
    strides, dilations = (a.get(name) or [1] * n for name in ("strides", "dilations"))
    more = a.get("output_padding") or [0] * n
    full = [(s - 1) * t + (k - 1) * d + 1 + e for s, t, k, d, e in zip(
        size, strides, kernel, dilations, more, strict=True)]
    per, outs = x.shape[1] // groups, w.shape[1]
    y = np.zeros((len(x), groups * outs, *full), x.dtype) + x.ravel()[0] * 0
    for tap in product(*map(range, kernel)):
        there = tuple(slice(t * d, t * d + (s - 1) * stride + 1, stride) for t, d, s, stride in zip(
            tap, dilations, size, strides, strict=True))
        for g in range(groups):
            part = w[(slice(g * per, (g + 1) * per), slice(None), *tap)]
            y[(slice(None), slice(g * outs, (g + 1) * outs), *there)] += np.moveaxis(
                np.tensordot(x[:, g * per:(g + 1) * per], part, (1, 0)), -1, 1)
    pads = list(a.get("pads") or [0] * 2 * n)
    auto, shape = a.get("auto_pad", "NOTSET"), a.get("output_shape")
    if shape or auto.startswith("SAME"):
        wanted = shape or [s * t for s, t in zip(size, strides, strict=True)]
        cut = [f - v for f, v in zip(full, wanted, strict=True)]
        if min(cut) < 0:
            raise ValueError("there are fewer pixels")
        less, rest = [c // 2 for c in cut], [c - c // 2 for c in cut]
        pads = [*less, *rest] if auto == "SAME_UPPER" else [*rest, *less]
    kept = tuple(slice(pads[k], full[k] - pads[n + k]) for k in range(n))
    return y[(slice(None), slice(None), *kept)]


def max_pool(x: np.ndarray, a: dict[str, Any]) -> np.ndarray:
    window = Window(a, tuple(a["kernel_shape"]), x.shape[2:])
    y = None
    known = np.zeros(window.outs, bool)
    for _, where in window.taps():
        found, inside = window.take(x, where), window.inside(where)
        y = found if y is None else np.where(inside & (~known | (found > y)), found, y)
        known |= inside
    if not known.all():
        raise ValueError("a window sees padding only")
    return y


def average_pool(x: np.ndarray, a: dict[str, Any], exact: bool) -> np.ndarray:
    window = Window(a, tuple(a["kernel_shape"]), x.shape[2:])
    total = np.zeros((*x.shape[:2], *window.outs), x.dtype) + x.ravel()[0] * 0
    count = np.zeros(window.outs, np.int64)
    padded = bool(a.get("count_include_pad", 0))
    for _, where in window.taps():
        inside = window.inside(where)
        total = total + np.where(inside, window.take(x, where), x.ravel()[0] * 0)
        count += window.inside(where, pads=True) if padded else inside
    if not count.all():
        raise ValueError("a window sees padding only")
    return total / (np.frompyfunc(Fraction, 1, 1)(count.astype(object)) if exact else count)

"""Random layers with weights or windows; each returns whether it could be added."""

from math import prod

import numpy as np

from .grown import Grown, Point

__all__ = ["conv", "dense", "depthwise", "dilated", "mean", "pool", "product",
           "transpose_conv"]


def conv(g: Grown) -> bool:
    w = g.window()
    if w is None:
        return False
    inputs, outputs = g.here.shape[3], int(g.rng.integers(1, 8))
    number, reach = g.weights((outputs, *w["kernel"], inputs), outputs, 0)
    bias, scale = g.bias(outputs, number), g.fitting(reach)
    like = Point(0, (), scale, g.tensor((1,)).zero)
    g.op("CONV_2D", [g.here.number, number, *bias], (1, *w["made"], outputs), like,
            activation=g.activation(), **w["options"])
    return True


def depthwise(g: Grown) -> bool:
    w = g.window()
    if w is None:
        return False
    inputs, times = g.here.shape[3], int(g.rng.choice([1, 1, 2, 3]))
    number, reach = g.weights((1, *w["kernel"], inputs * times), inputs * times, 3)
    bias, scale = g.bias(inputs * times, number), g.fitting(reach)
    like = Point(0, (), scale, g.tensor((1,)).zero)
    g.op("DEPTHWISE_CONV_2D", [g.here.number, number, *bias],
            (1, *w["made"], inputs * times), like, multiplier=times,
            activation=g.activation(), **w["options"])
    return True


def dilated(g: Grown) -> bool:
    """A layer without strides of the images of a batch, to which pixels are dealt. Pads are added
    before, because the kernel leaves its own to what the memory holds."""
    if len(g.here.shape) != 4 or g.type == "INT16":
        return False
    blocks = g.rng.integers(1, 4, 2).tolist()
    pads = [[0, 0], *([0, -n % b] for n, b in zip(g.here.shape[1:3], blocks, strict=True)), [0, 0]]
    whole = [n + sum(p) for n, p in zip(g.here.shape, pads, strict=True)]
    g.op("PAD", [g.here.number, g.made.constant(pads)], whole, g.here)
    sizes = [n // b for n, b in zip(whole[1:3], blocks, strict=True)]
    none = g.made.constant([[0, 0], [0, 0]])
    g.op("SPACE_TO_BATCH_ND", [g.here.number, g.made.constant(blocks), none],
         (prod(blocks), *sizes, whole[3]), g.here)
    kernel = [int(g.rng.integers(1, min(n, 3) + 1)) for n in sizes]
    outputs, depthwise, valid = int(g.rng.integers(1, 5)), g.rng.random() < 0.4, g.rng.integers(2)
    outputs = whole[3] if depthwise else outputs
    shape = (1, *kernel, outputs) if depthwise else (outputs, *kernel, whole[3])
    number, reach = g.weights(shape, outputs, 3 if depthwise else 0)
    bias, scale = g.bias(outputs, number), g.fitting(reach)
    made = [n - k + 1 if valid else n for n, k in zip(sizes, kernel, strict=True)]
    g.op("DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", [g.here.number, number, *bias],
         (prod(blocks), *made, outputs), Point(0, (), scale, g.tensor((1,)).zero), padding=int(
             valid), stride_h=1, stride_w=1, activation=g.activation(), **(
                 {"multiplier": 1} if depthwise else {}))
    crops = [[int(g.rng.integers(2)) if n * b > 2 else 0, 0]
             for n, b in zip(made, blocks, strict=True)]
    g.op("BATCH_TO_SPACE_ND", [g.here.number, g.made.constant(blocks), g.made.constant(crops)],
         (1, *(n * b - sum(c) for n, b, c in zip(made, blocks, crops, strict=True)), outputs),
         g.here)
    return True


def transpose_conv(g: Grown) -> bool:
    if len(g.here.shape) != 4:
        return False
    _, h, w, inputs = g.here.shape
    kernel, stride = g.rng.integers(1, 5, 2).tolist(), g.rng.integers(1, 3, 2).tolist()
    same, outputs = bool(g.rng.integers(2)), int(g.rng.integers(1, 5))
    made = [n * s if same else (n - 1) * s + k for n, s, k in
            zip((h, w), stride, kernel, strict=True)]
    number, reach = g.weights((outputs, *kernel, inputs), outputs, 0)
    bias, like = g.bias(outputs, number), Point(0, (), g.fitting(reach), -3 * (
        g.type == "INT8"))
    shape = g.made.constant([1, *made, outputs])
    g.op("TRANSPOSE_CONV", [shape, number, g.here.number, *bias], (1, *made, outputs),
            like, padding=int(not same), stride_h=stride[0], stride_w=stride[1])
    return True


def product(g: Grown) -> bool:
    """Rows times a constant matrix, that has a zero point of its own."""
    inputs, outputs, shape = g.here.shape[-1], int(g.rng.integers(1, 9)), g.here.shape
    if len(shape) < 2:
        return False
    turned = bool(g.rng.integers(2))
    lead = (1,) * int(g.rng.integers(max(len(shape) - 1, 1)))
    data = g.codes((*lead, outputs, inputs) if turned else (*lead, inputs, outputs))
    w = g.tensor(data.shape)
    g.made.tensors[w.number]["data"] = data
    reach = w.scale * g.here.scale * inputs**0.5 * g.half * 60
    like = Point(0, (), g.fitting(reach), g.tensor((1,)).zero)
    g.op("BATCH_MATMUL", [g.here.number, w.number], (*shape[:-1], outputs), like, adj_y=turned)
    return True


def dense(g: Grown) -> bool:
    inputs = prod(g.here.shape)
    rows = len(g.here.shape) == 3 and g.rng.random() < 0.5
    if rows:
        inputs = g.here.shape[-1]
    outputs = int(g.rng.integers(1, 12))
    number, reach = g.weights((outputs, inputs), outputs, 0)
    if g.type == "INT16":
        g.made.tensors[number]["scale"] = g.scale()
    bias, scale = g.bias(outputs, number), g.fitting(reach)
    like = Point(0, (), scale, g.tensor((1,)).zero)
    shape = (*g.here.shape[:-1], outputs) if rows else (1, outputs)
    g.op("FULLY_CONNECTED", [g.here.number, number, *bias], shape, like,
            activation=g.activation(), keep_num_dims=bool(rows))
    return True


def pool(g: Grown) -> bool:
    w = g.window(dilated=False)
    if w is None:
        return False
    name = str(g.rng.choice(["AVERAGE_POOL_2D", "MAX_POOL_2D"]))
    g.op(name, [g.here.number], (1, *w["made"], g.here.shape[3]), g.here,
            filter_height=w["kernel"][0], filter_width=w["kernel"][1],
            activation=g.activation(), **w["options"])
    return True


def mean(g: Grown) -> bool:
    rank = len(g.here.shape)
    if rank < 2:
        return False
    axes = sorted({int(k) for k in g.rng.integers(1, rank, g.rng.integers(1, 4))})
    name = str(g.rng.choice(["MEAN", "SUM", "REDUCE_MAX"], p=[0.6, 0.2, 0.2]))
    keep = bool(g.rng.integers(2))
    shape = tuple(1 if k in axes else n for k, n in enumerate(g.here.shape)
                  if keep or k not in axes)
    like = Point(0, (), float(np.float32(g.here.scale * np.exp(g.rng.normal(0, 0.5)))),
                 g.tensor((1,)).zero)
    name = "MEAN" if g.type == "INT16" else name
    like = g.here if name == "REDUCE_MAX" else like
    g.op(name, [g.here.number, g.made.constant(list(axes))], shape, like,
            keep_dims=keep)
    return True

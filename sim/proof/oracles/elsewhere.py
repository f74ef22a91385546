"""Moves of elements between quantizers."""

import numpy as np

from .forms import Form
from .maker import Impossible

__all__ = ["moved"]


def resized(f: Form, x: str) -> str:
    """The nearest elements of any dimensions, by sizes or factors."""
    shape = f.shape(x)
    how = f.pick("asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners",
                 "half_pixel_symmetric" if f.opset >= 19 else "half_pixel",
                 "tf_half_pixel_for_nn" if f.opset < 13 else "asymmetric")
    nearest = f.pick("floor", "ceil", "round_prefer_floor", "round_prefer_ceil")
    if f.chance(.4):
        how, nearest = f.pick(("asymmetric", "floor"), ("half_pixel", "round_prefer_floor"))
    channels = f.pick(1, 1, 1, 2)
    factors = [1, channels, *(f.pick(1, 2, 3, .5, 1.5, .75) for _ in shape[1:])]
    given = {"mode": "nearest", "coordinate_transformation_mode": how, "nearest_mode": nearest}
    if f.chance(.5):
        return f.node("Resize", x, "", f.constant(factors), **given)
    sizes = [max(1, int(n * k)) for n, k in zip((1, *shape), factors, strict=True)]
    if f.opset >= 18:
        given["axes"] = list(range(1, len(sizes)))
        return f.node("Resize", x, "", "", f.constant(sizes[1:], "int64"), **given)
    f.one = True
    return f.node("Resize", x, "", "", f.constant(sizes, "int64"), **given)


def picked(f: Form, x: str, kind: str, axis: int) -> str:
    """Elements along a dimension: backwards, with steps, or any."""
    size = f.shape(x)[axis - 1]
    if kind == "back" and f.opset >= 10:
        inputs = [[f.pick(-1, size - 1, size)], [f.pick(-99, -size - 1)], [axis],
                  [f.pick(-1, -1, -2)]]
        return f.node("Slice", x, *(f.constant(v, "int64") for v in inputs))
    if kind == "slice" and f.opset >= 10 and size > 1:
        start = f.random.randint(0, size - 1)
        ends = [f.pick(size, 1 << 40, f.random.randint(start + 1, size))]
        inputs = [[start - (size if f.chance(.2) else 0)], ends, [axis], [f.pick(1, 1, 2)]]
        return f.node("Slice", x, *(f.constant(v, "int64") for v in inputs))
    if kind == "gather":
        found = [f.random.randrange(size) for _ in range(f.pick(1, 2, 5))]
        return f.node("Gather", x, f.constant(found, "int64"), axis=axis)
    return x


def framed(f: Form, x: str) -> str:
    """A frame of elements that are there."""
    mode = f.pick("reflect", "edge", "wrap" if f.opset >= 19 else "edge")
    most = [min(2, n - (mode == "reflect")) for n in f.shape(x)] * 2
    before, behind = np.array([f.random.randint(0, n) for n in most]).reshape(2, -1).tolist()
    return f.node("Pad", x, f.constant([0, *before, 0, *behind], "int64"), mode=mode)


def moved(f: Form, x: str) -> str:
    """The elements elsewhere."""
    shape = f.shape(x)
    rank, c = len(shape) + 1, shape[0]
    kind = f.pick("transpose", "reshape", "squeeze", "resize", "resize", "depth", "depth", "space",
                  "space", "mode", "back", "gather", *(["slice", "split", "pad"] * f.chance(.3)))
    if kind == "transpose" and rank > 2:
        order = [0, *f.random.sample(range(1, rank), rank - 1)]
        return f.node("Transpose", x, perm=order)
    if kind == "reshape" and rank > 2:
        new = f.pick([*shape[1:], c], [c, int(np.prod(shape[1:]))], [int(np.prod(shape))])
        first = f.pick(0, -1)
        if f.chance(.2):
            f.one, first = True, 1
        return f.node("Reshape", x, f.constant([first, *new], "int64"))
    if kind == "squeeze":
        one = [k for k, s in enumerate(shape, 1) if s == 1]
        op, axis = ("Squeeze", f.pick(*one)) if one and rank > 2 else ("Unsqueeze", rank)
        if op == "Unsqueeze" and rank > 3:
            raise Impossible
        if f.opset < 13:
            return f.node(op, x, axes=[axis])
        return f.node(op, x, f.constant([axis], "int64"))
    axis = f.random.randint(1, rank - 1)
    size = shape[axis - 1]
    if kind in ("back", "slice", "gather"):
        return picked(f, x, kind, axis)
    if kind == "resize" and max(shape[1:], default=9) < 6 and f.opset >= 11:
        return resized(f, x)
    if kind == "depth" and rank == 4 and c % 4 == 0 and f.opset >= 11:
        return f.node("DepthToSpace", x, blocksize=2, mode=f.pick("CRD", "DCR"))
    if kind == "space" and rank == 4 and not shape[1] % 2 and not shape[2] % 2:
        return f.node("SpaceToDepth", x, blocksize=2)
    if kind == "split" and size > 1 and f.opset >= 13 and f.chance(.4):
        a = f.random.randint(1, size - 1)
        y, z = f.node("Split", x, f.constant([a, size - a], "int64"), axis=axis, outputs=2)
        return f.node("Concat", z, y, axis=axis) if f.chance(.5) else y
    if kind == "pad" and rank > 2 and f.opset >= 11 and f.chance(.3):
        before = [0, 0, *(f.random.randint(0, 1) for _ in shape[1:])]
        return f.node("Pad", x, f.constant(before * 2, "int64"))
    if kind == "mode" and f.opset >= 11:
        return framed(f, x)
    return x

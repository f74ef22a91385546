"""Random operators that move elements; each returns whether it could be added."""

from math import prod

from .grown import Grown

__all__ = ["depth", "gather", "join", "pad", "parts", "reshape", "resize", "reverse", "slice_",
           "split", "transpose"]


def reshape(g: Grown) -> bool:
    size = prod(g.here.shape)
    shape = [(1, size), (1, size, 1, 1), (1, 1, size), (size,)][g.rng.integers(3)]
    g.op("RESHAPE", [g.here.number, g.made.constant(list(shape))], shape, g.here,
            new_shape=list(shape))
    return True


def pad(g: Grown) -> bool:
    pads = g.rng.integers(0, 3, (len(g.here.shape), 2)) * (g.rng.random() < 0.9)
    pads[0] = 0
    if g.rng.random() < 0.6:
        pads[-1] = 0
    shape = [int(n + p.sum()) for n, p in zip(g.here.shape, pads, strict=True)]
    inputs, name = [g.here.number, g.made.constant(pads)], "PAD"
    if g.rng.random() < 0.3 and g.type == "INT8":
        name = "PADV2"
        inputs.append(g.made.tensor((1,), g.type, g.here.scale, g.here.zero,
                                       g.rng.integers(-128, 128, 1)))
    elif g.rng.random() < 0.3 and all(n > 2 for n in g.here.shape[1:]):
        name = "MIRROR_PAD"
    g.op(name, inputs, shape, g.here, **(
        {"mode": int(g.rng.integers(2))} if name == "MIRROR_PAD" else {}))
    return True


def slice_(g: Grown) -> bool:
    shape = g.here.shape
    begin = [int(g.rng.integers(n)) for n in shape]
    if g.rng.random() < 0.5:
        size = [int(g.rng.integers(1, n - b + 1)) for n, b in zip(shape, begin, strict=True)]
        g.op("SLICE", [g.here.number, g.made.constant(begin),
                          g.made.constant(size)], size, g.here)
        return True
    end = [int(g.rng.integers(b + 1, n + 1)) for n, b in zip(shape, begin, strict=True)]
    step = [int(g.rng.integers(1, 4)) for _ in shape]
    made = [-(-(e - b) // s) for b, e, s in zip(begin, end, step, strict=True)]
    g.op("STRIDED_SLICE", [g.here.number, *map(g.made.constant, (begin, end, step))],
            made, g.here)
    return True


def split(g: Grown) -> bool:
    if len(g.here.shape) < 2:
        return False
    axis = int(g.rng.integers(1, len(g.here.shape)))
    n, here = g.here.shape[axis], g.here
    count = next((k for k in (2, 3) if n % k == 0), 1)
    shape = [*here.shape]
    shape[axis] = n // count
    outs = [g.tensor(shape, here.scale, here.zero) for _ in range(count)]
    g.made.op("SPLIT", [g.made.constant([axis]), here.number], [o.number for o in outs],
                 num_splits=count)
    g.ops.append("SPLIT")
    order = g.rng.permutation(count)
    g.op("CONCATENATION", [outs[k].number for k in order], here.shape, here, axis=axis)
    return True


def join(g: Grown) -> bool:
    if len(g.here.shape) < 2:
        return False
    other, axis = g.other(), int(g.rng.integers(1, len(g.here.shape)))
    if g.made.tensors[other.number]["data"] is not None:
        return False
    g.made.tensors[other.number] |= {"scale": g.here.scale, "zero": g.here.zero}
    shape = [*g.here.shape]
    shape[axis] *= 2
    g.op("CONCATENATION", [g.here.number, other.number], shape, g.here, axis=axis)
    return True


def parts(g: Grown) -> bool:
    """All parts along a dimension in another order, some of them twice or never, in a new one."""
    if not 2 <= len(g.here.shape) <= 3:
        return False
    here, axis = g.here, int(g.rng.integers(1, len(g.here.shape)))
    shape = [n for k, n in enumerate(here.shape) if k != axis]
    outs = [g.tensor(shape, here.scale, here.zero) for _ in range(here.shape[axis])]
    g.made.op("UNPACK", [here.number], [o.number for o in outs], num=len(outs), axis=axis)
    g.ops.append("UNPACK")
    new, count = int(g.rng.integers(1, len(here.shape))), int(g.rng.integers(1, 4))
    shape.insert(new, count)
    chosen = [outs[k].number for k in g.rng.integers(len(outs), size=count)]
    g.op("PACK", chosen, shape, here, axis=new, values_count=count)
    return True


def gather(g: Grown) -> bool:
    if g.type == "INT16":
        return False
    axis = int(g.rng.integers(len(g.here.shape)))
    n = g.here.shape[axis]
    places = g.rng.integers(n, size=int(g.rng.integers(1, n + 1)) if axis else 1)
    shape = [*g.here.shape]
    shape[axis] = len(places)
    g.op("GATHER", [g.here.number, g.made.constant(places)], shape, g.here, axis=axis)
    return True


def reverse(g: Grown) -> bool:
    """Of an even number of rows, as a slice of the other direction too."""
    rank = len(g.here.shape)
    axis = int(g.rng.integers(rank))
    if g.rng.random() < 0.5:
        g.op("REVERSE_V2", [g.here.number, g.made.constant([axis])], g.here.shape, g.here)
        return True
    step = [-int(g.rng.integers(1, 3)) if k == axis else 1 for k in range(rank)]
    made = [-(-n // abs(s)) for n, s in zip(g.here.shape, step, strict=True)]
    ends = [[n - 1 if s < 0 else 0 for n, s in zip(g.here.shape, step, strict=True)],
            [-n - 1 if s < 0 else n for n, s in zip(g.here.shape, step, strict=True)], step]
    g.op("STRIDED_SLICE", [g.here.number, *map(g.made.constant, ends)], made, g.here)
    return True


def transpose(g: Grown) -> bool:
    order = [0, *(int(k) for k in 1 + g.rng.permutation(len(g.here.shape) - 1))]
    g.op("TRANSPOSE", [g.here.number, g.made.constant(order)],
            [g.here.shape[k] for k in order], g.here)
    return True


def resize(g: Grown) -> bool:
    if len(g.here.shape) != 4:
        return False
    _, h, w, c = g.here.shape
    if g.type == "INT8" and g.rng.random() < 0.4:
        made = [h * int(g.rng.choice([1, 2, 3])), w * int(g.rng.choice([1, 2, 4]))]
        g.op("RESIZE_BILINEAR", [g.here.number, g.made.constant(made)], (1, *made, c), g.here,
             half_pixel_centers=bool(g.rng.integers(2)))
        return True
    made = [h * int(g.rng.integers(1, 4)), w * int(g.rng.integers(1, 4))]
    if g.rng.random() < 0.3:
        made = g.rng.integers(1, 9, 2).tolist()
    g.op("RESIZE_NEAREST_NEIGHBOR", [g.here.number, g.made.constant(made)],
            (1, *made, c), g.here, half_pixel_centers=bool(g.rng.integers(2)))
    return True


def depth(g: Grown) -> bool:
    if len(g.here.shape) != 4:
        return False
    _, h, w, c = g.here.shape
    if c % 4 == 0:
        g.op("DEPTH_TO_SPACE", [g.here.number], (1, h * 2, w * 2, c // 4), g.here,
                block_size=2)
    elif h % 2 == w % 2 == 0:
        g.op("SPACE_TO_DEPTH", [g.here.number], (1, h // 2, w // 2, c * 4), g.here,
                block_size=2)
    else:
        return False
    return True

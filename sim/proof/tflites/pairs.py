"""Random operators on one or two elements; each returns whether it could be added."""

import numpy as np

from .grown import Grown, Point

__all__ = ["curve", "extreme", "pair", "prelu", "product", "requantize", "squared",
           "sum_of_many"]


def pair(g: Grown) -> bool:
    """Two branches, or a constant."""
    name, before = str(g.rng.choice(["ADD", "SUB"])), g.here
    other = g.other()
    if g.rng.random() < 0.3 and isinstance(other, Point):
        before, other = other, before
    like = Point(0, (), g.fitting(g.half * (before.scale + other.scale)),
                 g.tensor((1,)).zero)
    shape = np.broadcast_shapes(before.shape, other.shape)
    g.op(name, [before.number, other.number], shape, like, activation=g.activation())
    return True


def product(g: Grown) -> bool:
    other = g.other()
    like = Point(0, (), g.fitting(g.half**2 * g.here.scale * other.scale),
                 g.tensor((1,)).zero)
    g.op("MUL", [g.here.number, other.number], g.here.shape, like,
            activation=g.activation())
    return True


def squared(g: Grown) -> bool:
    """The square of a difference of two branches, or to a constant."""
    before, other = g.here, g.other()
    reach = (g.half * max(before.scale, other.scale))**2
    like = Point(0, (), g.fitting(reach), g.tensor((1,)).zero)
    g.op("SQUARED_DIFFERENCE", [before.number, other.number], before.shape, like)
    return True


def extreme(g: Grown) -> bool:
    """Of one scale, or of several that the kernel does not look at."""
    other = g.other()
    if g.rng.random() < 0.7:
        g.made.tensors[other.number] |= {"scale": g.here.scale, "zero": g.here.zero}
    g.op(str(g.rng.choice(["MAXIMUM", "MINIMUM"])), [g.here.number, other.number],
            g.here.shape, g.here)
    return True


def sum_of_many(g: Grown) -> bool:
    if g.type == "INT16":
        return False
    count = int(g.rng.integers(2, 4))
    like = Point(0, (), g.fitting(g.half * g.here.scale * count), g.tensor((1,)).zero)
    g.op("ADD_N", [g.here.number] * count, g.here.shape, like)
    return True


def prelu(g: Grown) -> bool:
    if g.type == "INT16":
        return False
    slopes = g.tensor((1,) * (len(g.here.shape) - 2) + g.here.shape[-1:])
    g.made.tensors[slopes.number] |= {"data": g.codes(slopes.shape), "type": "INT8"}
    like = Point(0, (), g.here.scale * float(g.rng.choice([0.5, 1, 2])),
                 g.tensor((1,)).zero)
    g.op("PRELU", [g.here.number, slopes.number], g.here.shape, like)
    return len(g.here.shape) > 1


def curve(g: Grown) -> bool:
    names = ["LEAKY_RELU", "RELU", "ABS", "LOGISTIC", "TANH", "HARD_SWISH", "RELU6", "ELU"]
    name = str(g.rng.choice(names[:None if g.type == "INT8" else 3]))
    fixed = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}
    like = Point(0, (), *fixed[name]) if name in fixed else None
    options = {"alpha": float(g.rng.choice([0.1, 0.3, 0.01, 1.5, -0.2]))} if (
        name == "LEAKY_RELU") else {}
    if name == "HARD_SWISH":
        like = Point(0, (), float(np.float32(g.here.scale * g.rng.uniform(0.3, 2))), 5)
    if name == "RELU6":
        if 6 / g.here.scale + g.here.zero > 127:
            return False
        like = g.here
    g.op(name, [g.here.number], g.here.shape, like, **options)
    return True


def requantize(g: Grown) -> bool:
    g.op("QUANTIZE", [g.here.number], g.here.shape)
    return True

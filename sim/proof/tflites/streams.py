"""Random streaming networks: variables that keep rows from one inference to the next."""

from math import prod

import numpy as np

from . import moves, pairs, weighted
from .grown import Grown
from .made import Made

__all__ = ["ring", "streaming"]

SAMPLES = 12
STEPS = (weighted.conv, weighted.depthwise, weighted.dense, weighted.pool, weighted.mean,
         pairs.pair, pairs.curve, pairs.requantize, moves.reshape, moves.slice_, moves.split)


def handle(made: Made, name: str) -> int:
    """Adds the handle of a variable; returns its tensor."""
    found = made.tensor((), "RESOURCE", name=name)
    made.op("VAR_HANDLE", [], [found], shared_name=name)
    return found


def cut(g: Grown, axis: int, first: int, count: int) -> None:
    """Takes some indices along an axis."""
    shape = g.here.shape
    begin, end = [0] * len(shape), list(shape)
    begin[axis], end[axis] = first - shape[axis] * bool(g.rng.integers(2)), first + count
    steps = [g.made.constant(v) for v in (begin, end, [1] * len(shape))]
    to_end = first + count == shape[axis]
    if begin[axis] >= 0 or to_end:
        g.op("STRIDED_SLICE", [g.here.number, *steps], _with(shape, axis, count), g.here,
             end_mask=to_end << axis)
    else:
        begin[axis], size = first, list(_with(shape, axis, count))
        g.op("SLICE", [g.here.number, *map(g.made.constant, (begin, size))], size, g.here)


def _with(shape: tuple[int, ...], axis: int, count: int) -> tuple[int, ...]:
    return (*shape[:axis], count, *shape[axis + 1:])


def ring(g: Grown, start: Made) -> None:
    """Joins the rows of a variable with new ones, and assigns the newest of both.

    The variable holds the rows kept, or all rows of the last inference, of which some are cut."""
    axis = next((k for k, n in enumerate(g.here.shape) if n > 1), len(g.here.shape) - 1)
    new, kept = g.here, int(g.rng.integers(1, 7))
    count, newest_first = new.shape[axis], bool(g.rng.integers(2))
    held = kept + count * bool(g.rng.integers(2))
    name, shape = f"states_{len(g.made.nodes)}", _with(new.shape, axis, held)
    variable = handle(g.made, name)
    begin(g, start, name, shape)
    g.op("READ_VARIABLE", [variable], shape, new)
    if held > kept:
        cut(g, axis, 0 if newest_first else held - kept, kept)
    parts = [new.number, g.here.number] if newest_first else [g.here.number, new.number]
    g.op("CONCATENATION", parts, _with(new.shape, axis, kept + count), new, axis=axis)
    joined = g.here
    if held < kept + count:
        cut(g, axis, 0 if newest_first else count, held)
    g.made.op("ASSIGN_VARIABLE", [variable, g.here.number], [])
    g.here = joined


def begin(g: Grown, start: Made, name: str, shape: tuple[int, ...]) -> None:
    """Sets the variable's elements before the first inference: alike or different."""
    half = g.half
    value = (g.rng.integers(-half, half, shape) if g.rng.random() < 0.5
             else np.full(shape, g.here.zero))
    constant = start.tensor(shape, g.type, g.here.scale, g.here.zero, value)
    start.op("ASSIGN_VARIABLE", [handle(start, name), constant], [])


def streaming(seed: int) -> tuple[bytes, np.ndarray, list[str]]:
    """Makes the file of a random streaming network, a sequence of samples (N, *shape with the
    batch), and its operators."""
    g, start = Grown(seed), Made()
    g.made.others.append(start)
    g.made.op("CALL_ONCE", [], [], init_subgraph_index=1)
    for _ in range(int(g.rng.integers(1, 4))):
        if prod(g.here.shape) < 200:
            ring(g, start)
        STEPS[g.rng.integers(len(STEPS))](g)
    lo, hi, kind = (-128, 127, np.int8) if g.type == "INT8" else (-32768, 32767, np.int16)
    x = g.rng.integers(lo, hi, (SAMPLES, *g.first.shape), endpoint=True).astype(kind)
    return g.made.file([g.first.number], [g.here.number]), x, g.ops

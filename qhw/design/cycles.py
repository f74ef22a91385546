"""Cycles of an inference, computed exactly by playing the streams beat by beat."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..errors import ToolError
from ..graph import Graph
from .plan import stages, times
from .queues import model
from .stage import Stage

__all__ = ["Cycles", "predict", "total"]

FEW, MANY = 8, 64
"""Inferences that are played to see in which steps they follow each other."""


class Cycles(NamedTuple):
    """Cycles of inferences when neither end stalls.

    One inference takes ``latency`` cycles. N inferences take ``total(graph, N)`` cycles, which is
    ``latency + (N - 1) * interval`` unless branches have greatly different lengths."""

    interval: int
    """From one inference to the next (II), once the first ones are through."""
    latency: int
    """From the cycle of the first input beat to that of the last output beat, both included."""


def predict(graph: Graph) -> Cycles:
    """Computes the interval and the latency of a lowered graph, in cycles."""
    units = stages(graph)
    if not _played_only(units):
        return Cycles(max(unit.interval for unit in units),
                      int(times(units)[units[-1].name][-1]) + 1)
    cycles = _played(graph, FEW)
    steps = np.diff(cycles)
    if (steps[FEW // 2:] != steps[-1]).any():
        cycles = _played(graph, MANY)
        return Cycles(-(-int(cycles[-1] - cycles[MANY // 2 - 1]) // (MANY // 2)), int(cycles[0]))
    return Cycles(int(steps[-1]), int(cycles[0]))


def total(graph: Graph, count: int) -> int:
    """Computes the cycles of ``count`` inferences in sequence, from the first input beat to the
    last output beat.

    In graphs with branches, inferences after the 64th are assumed to take the same interval.
    """
    interval, latency = predict(graph)
    if not _played_only(stages(graph)):
        return latency + (count - 1) * interval
    played = _played(graph, min(count, MANY))
    return int(played[-1]) + (count - len(played)) * interval


def branched(units: tuple[Stage, ...]) -> bool:
    """Tells whether the output of any unit has several readers."""
    return any(unit.ways > 1 for unit in units)


def _played_only(units: tuple[Stage, ...]) -> bool:
    """Whether only playing tells: with branches, state, whole windows, weights that come when they
    are decoded, or vectors whose last beat has fewer elements: others wait for it or it for them.
    """
    return branched(units) or any(
        not (unit.i.full and unit.o.full)
        or unit.op and (unit.op.remembers(*unit.xs) or not unit.op.regular) for unit in units)


@lru_cache(maxsize=64)
def _played(graph: Graph, count: int) -> np.ndarray:
    """Cycles from the first input beat to the last output beat of each inference."""
    cycles = model(stages(graph)).play(count).cycles
    if len(cycles) < count:
        raise ToolError(f"{graph.name}: its streams stop after {len(cycles)} inferences")
    return cycles

"""How many cycles an inference takes: exactly, as the streams are played beat by beat."""

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
    """Cycles of inferences if nobody stalls: one takes ``latency``, N take ``total(graph, N)``.

    That is ``latency + (N - 1) * interval`` unless branches have greatly different lengths.
    """

    interval: int
    """From one inference to the next (II), once the first ones are through."""
    latency: int
    """From the cycle of the first input beat to that of the last output beat, both included."""


def predict(graph: Graph) -> Cycles:
    """The cycles of a lowered graph."""
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
    """Whether a stream goes several ways."""
    return any(unit.ways > 1 for unit in units)


def _played_only(units: tuple[Stage, ...]) -> bool:
    """Whether only playing tells: with branches, or weights that come when they are decoded."""
    return branched(units) or any(
        unit.op and unit.op.product and unit.op.product.storage == "huffman" for unit in units)


@lru_cache(maxsize=64)
def _played(graph: Graph, count: int) -> np.ndarray:
    """Cycles from the first input beat to the last output beat of each inference."""
    cycles = model(stages(graph)).play(count).cycles
    if len(cycles) < count:
        raise ToolError(f"{graph.name}: its streams stop after {len(cycles)} inferences")
    return cycles

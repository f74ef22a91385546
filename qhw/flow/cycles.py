"""How many cycles an inference takes, computed from the layers' schedules."""

from typing import NamedTuple

from ..ir import Graph
from .plan import stages, times

__all__ = ["Cycles", "predict"]


class Cycles(NamedTuple):
    """N inferences take ``latency + (N - 1) * interval`` cycles, if nobody stalls."""

    interval: int
    """From one inference to the next (II)."""
    latency: int
    """From the cycle of the first input beat to that of the last output beat, both included."""


def predict(graph: Graph) -> Cycles:
    """The cycles of a lowered graph."""
    units = stages(graph)
    return Cycles(max(unit.interval for unit in units),
                  int(times(units)[units[-1].name][-1]) + 1)

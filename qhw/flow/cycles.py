"""How many cycles an inference takes, computed from the layers' schedules."""

from typing import NamedTuple

import numpy as np

from ..ir import Graph
from .top import stages

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
    times = np.arange(units[0].x.size // units[0].i_lanes)
    for unit in units:
        times = unit.schedule(times)
    return Cycles(max(unit.interval for unit in units), int(times[-1]) + 1)

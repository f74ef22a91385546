"""Paths at random through a trellis of folds."""

import numpy as np

from qhw.fold.choices import Choices
from qhw.fold.trellis import Path

__all__ = ["drawn", "trellis"]


def trellis(*given, **more):
    """Every fold of a network as steps."""
    return Choices(*given, **more).trellis()


def drawn(found, rng):
    """A path's folds by layer, and the edge that it takes in each step, as (step, edge) pairs."""
    state, taken = 0, []
    for step in found.steps:
        edge = rng.choice(np.flatnonzero(step.source == state))
        taken.append((step, edge))
        state = step.to[edge]
    path = [step.choices[edge] for step, edge in taken]
    found.settle(Path(path, 0, np.zeros(3), True))
    return dict(filter(None, path)), taken

"""The result of a simulation."""

from dataclasses import dataclass, field

import numpy as np

__all__ = ["Run"]


@dataclass(frozen=True, eq=False)
class Run:
    """The hardware's answers to N samples: output codes, cycles, and the layers' traces and
    activity."""

    codes: np.ndarray
    """(N, *shape) of the network's integer output."""
    cycles: int
    """From the cycle of the first input beat to that of the last output beat, both included."""
    trace: dict[str, np.ndarray] = field(default_factory=dict[str, np.ndarray])
    """(N, *shape) of every layer that is hardware, where asked for."""
    activity: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """Of those cycles, in how many each layer's output ``moved`` a beat, was ``blocked`` with one
    that the next unit did not take, and was ``idle`` while the next unit waited; with the trace."""

"""What a simulation says."""

from dataclasses import dataclass, field

import numpy as np

__all__ = ["Run"]


@dataclass(frozen=True, eq=False)
class Run:
    """The hardware's answers to N samples."""

    codes: np.ndarray
    """(N, *shape) of the network's integer output."""
    cycles: int
    """From the cycle of the first input beat to that of the last output beat, both included."""
    trace: dict[str, np.ndarray] = field(default_factory=dict)
    """(N, *shape) of every layer that is hardware, where asked for."""

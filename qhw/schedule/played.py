"""The result of playing the streams of a network."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Played"]


@dataclass(frozen=True)
class Played:
    """The result of a run."""

    ends: np.ndarray
    """The cycle of each inference's last output beat, (inferences,); fewer than requested in a
    deadlock."""
    first: int
    """The cycle of the first input beat."""
    deepest: dict[str, int]
    """For each queue, the depth at which no beat would have waited for it, in entries."""
    full: tuple[str, ...]
    """Names of the queues that are full at the end."""
    marks: np.ndarray
    """A hash of all cycles for each inference, relative to its start: equal hashes, equal
    schedules."""
    moves: int
    """Moves of beats in all channels."""

    @property
    def cycles(self) -> np.ndarray:
        """Computes the cycles of each inference from its first input beat to its last output beat,
        both included."""
        return self.ends - self.first + 1

"""One bit a gradient; the rounding error is added to the next gradient (error feedback).

Seide et al., "1-Bit Stochastic Gradient Descent and its Application to Data-Parallel Distributed
Training of Speech DNNs", Interspeech 2014, section 3.1. The scale is the mean magnitude, rounded
down; errors are kept as integers, so no error is lost.
"""

import numpy as np

__all__ = ["OneBit"]


class OneBit:
    """A codec for vectors of ``length`` integers, with one accumulated error an element."""

    def __init__(self, length: int):
        self.error = np.zeros(length, np.int64)

    def encode(self, g: np.ndarray) -> tuple[np.ndarray, int]:
        """Encodes ``g``, integers (length,), to bits (length,), 1 for at least 0, and the scale."""
        owed = g + self.error
        signs, scale = (owed >= 0).astype(np.int64), int(np.abs(owed).sum()) // len(g)
        self.error = owed - self.decode(signs, scale)
        return signs, scale

    def decode(self, signs: np.ndarray, scale: int) -> np.ndarray:
        """Decodes bits (length,) to +-``scale``, int64 (length,)."""
        return (2 * signs - 1) * scale

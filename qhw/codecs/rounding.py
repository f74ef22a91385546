"""Rounding at random, right on the average.

Li et al., "Training Quantized Nets: A Deeper Understanding", 2017 (arXiv 1706.02379), eq. 2.
"""

import numpy as np

__all__ = ["stochastic_round"]


def stochastic_round(x: np.ndarray, step: float, uniform: np.ndarray) -> np.ndarray:
    """Multiples of ``step``, the upper one with the probability of the rest; ``uniform`` is in
    0..1, one number an element."""
    return np.floor(np.asarray(x) / step + uniform) * step

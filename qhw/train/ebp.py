"""Expectation backpropagation: what a network of binary weights is once its posterior is known.

Soudry, Hubara, Meir, "Expectation Backpropagation", NIPS 2014: each weight is +1 with the
probability e**h / (e**h + e**-h). The training rule is not here; its fields ``h`` become weights
for the scheme ``binary`` without a scale.
"""

import numpy as np

from ..schemes import Codes

__all__ = ["map_weights", "means"]


def means(h: np.ndarray) -> np.ndarray:
    """The weights' expectations, tanh(h)."""
    return np.tanh(h)


def map_weights(h: np.ndarray) -> Codes:
    """The most probable weights, sign(h), as codes of ``binary``; 0 is +1."""
    return Codes((h >= 0).astype(np.uint8), np.ones(len(h)))

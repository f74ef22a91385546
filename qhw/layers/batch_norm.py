"""Batch normalization at inference: gamma * (x - mean) / sqrt(variance + epsilon) + beta.

Ioffe, Szegedy, 2015 (arXiv 1502.03167), algorithm 2.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..errors import ModelError
from ..exact.cut import Cut
from ..graph import Tensor
from .real import Monotone

__all__ = ["BatchNorm"]


@dataclass(frozen=True, eq=False)
class BatchNorm(Monotone):
    """Parameters are (channels,)."""

    kind = "batch_norm"

    gamma: np.ndarray
    beta: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    epsilon: float

    def infer(self, *xs):
        x, = xs
        if x.channels != len(self.gamma):
            raise ModelError(f"its parameters are for {len(self.gamma)} channels, "
                             f"and its input has {x.channels}")
        return Tensor(x.shape)

    def evaluate(self, *xs):
        x, = xs
        spread = np.sqrt(self.variance.astype(np.float64) + self.epsilon)
        return self.gamma * (x - self.mean) / spread + self.beta

    def pull(self, cut: Cut, channel: int) -> Cut:
        gamma, beta, mean, variance = (Fraction(float(p[channel])) for p in (
            self.gamma, self.beta, self.mean, self.variance))
        return cut.through_norm(gamma, beta, mean, variance + Fraction(self.epsilon))

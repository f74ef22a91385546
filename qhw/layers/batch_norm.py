"""Batch normalization at inference: gamma * (x - mean) / sqrt(variance + epsilon) + beta.

Ioffe, Szegedy, 2015 (arXiv 1502.03167), algorithm 2.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ..errors import ModelError
from ..exact.cuts import AnyCut
from ..graph import Op, Tensor
from .real import Monotone
from .spec import Arrays, Said, Spec

__all__ = ["BatchNorm"]


@dataclass(frozen=True, eq=False)
class BatchNorm(Monotone):
    """Batch normalization; its arrays are (channels,)."""

    kind = "batch_norm"

    gamma: np.ndarray
    beta: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    epsilon: float

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        x.needs_channels(len(self.gamma), "parameters")
        return Tensor(x.shape)

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        x, = xs
        spread = np.sqrt(self.variance.astype(np.float64) + self.epsilon)
        return self.gamma * (x - self.mean) / spread + self.beta

    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        gamma, beta, mean, variance = (Fraction(float(p[channel])) for p in (
            self.gamma, self.beta, self.mean, self.variance))
        return cut.through_norm(gamma, beta, mean, variance + Fraction(self.epsilon))


class BatchNormSpec(Spec):
    type: Literal["batch_norm"]
    epsilon: Annotated[float, Field(ge=0, lt=1)] = 1e-5

    def op(self, arrays: Arrays) -> BatchNorm:
        gamma = arrays.real(f"{self.name}.gamma", (-1,))
        beta, mean, variance = (arrays.real(f"{self.name}.{what}", gamma.shape)
                                for what in ("beta", "mean", "variance"))
        if variance.min() + self.epsilon <= 0:
            raise ModelError(f"{arrays.path}: {self.name}.variance must be positive, "
                             f"not {variance.min()}")
        return BatchNorm(gamma, beta, mean, variance, self.epsilon)

    @classmethod
    def said(cls, op: Op) -> Said | None:
        """Describes a layer of this type; None for others."""
        if not isinstance(op, BatchNorm):
            return None
        return {"epsilon": op.epsilon}, {what: getattr(op, what) for what in (
            "gamma", "beta", "mean", "variance")}

"""A matrix-vector product in integers: decode(codes) @ x + start."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..errors import ModelError
from ..hw.matvec import MatVecUnit
from ..ir import Tensor
from ..num import Int
from ..schemes import Scheme
from .op import HardwareOp, paced

__all__ = ["MatVec"]

EXACT = {np.float32: 1 << 24, np.float64: 1 << 53}
"""Up to which magnitude a float type holds every integer."""


@dataclass(frozen=True, eq=False)
class MatVec(HardwareOp):
    """``codes`` is (outputs, inputs), ``start`` (outputs,); ``pe`` by ``simd`` products a cycle."""

    kind = "matvec"

    scheme: Scheme
    codes: np.ndarray
    start: np.ndarray
    pe: int = 1
    simd: int = 1
    fold: tuple[int, int] | None = field(default=None)

    @property
    def outputs(self) -> int:
        return self.codes.shape[0]

    @property
    def inputs(self) -> int:
        return self.codes.shape[1]

    @cached_property
    def weights(self) -> np.ndarray:
        """The integers the codes stand for."""
        return self.scheme.decode(self.codes)

    def infer(self, *xs):
        """The accumulators' interval is exact: each output's extremes over all inputs."""
        x, = xs
        if x.shape != (self.inputs,):
            raise ModelError(f"its weights are {self.outputs} x {self.inputs}, "
                             f"and its input has shape {x.shape}")
        up, down = np.maximum(self.weights, 0).sum(1), np.minimum(self.weights, 0).sum(1)
        lo = up * x.integer.lo + down * x.integer.hi + self.start
        hi = up * x.integer.hi + down * x.integer.lo + self.start
        return Tensor((self.outputs,), Int(int(lo.min()), int(hi.max())))

    def evaluate(self, *xs):
        """Exact in floating point, where BLAS is fast, as long as no partial sum can round."""
        x, = xs
        most = int(np.abs(self.weights).sum(1).max()) * int(max(abs(x.min()), abs(x.max()), 1))
        for kind, limit in EXACT.items():
            if most < limit:
                sums = x.astype(kind) @ self.weights.T.astype(kind)
                return sums.astype(np.int64) + self.start
        return x @ self.weights.T + self.start

    @property
    def i_lanes(self):
        return self.simd

    @property
    def o_lanes(self):
        return self.pe

    def unit(self, *xs):
        x, = xs
        return MatVecUnit(self.scheme, self.codes, self.start, x=x.integer,
                          y=self.infer(x).integer, pe=self.pe, simd=self.simd)

    @property
    def synapse_fold(self) -> int:
        return self.inputs // self.simd

    @property
    def neuron_fold(self) -> int:
        return self.outputs // self.pe

    def interval(self, *xs):
        return self.synapse_fold * self.neuron_fold

    def schedule(self, arrivals, *xs):
        """A beat is read a cycle after it came and is in an accumulator three cycles later."""
        reads = paced(arrivals + 1)
        return reads[-1] + 3 + self.synapse_fold * np.arange(self.neuron_fold) - (
            0 if self.neuron_fold > 1 else 1)

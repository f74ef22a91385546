"""The operation on integers that the layer becomes."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from qhw.exact.num import Int
from qhw.graph import Tensor
from qhw.ops.op import Lanewise, Operations

from qhw_example.unit import MagnitudeUnit

__all__ = ["IntegerMagnitude"]


@dataclass(frozen=True)
class IntegerMagnitude(Lanewise):
    """The magnitude of ``pe`` integers a cycle."""

    kind: ClassVar[str] = "magnitude"

    pe: int = 1

    def infer(self, *xs: Tensor) -> Tensor:
        """The output's interval."""
        x, = xs
        return Tensor(x.shape, Int(0, max(-x.value.lo, x.value.hi)))

    def evaluate(self, *xs: np.ndarray) -> np.ndarray:
        """Computes the integers, of any shape."""
        return np.abs(xs[0])

    def unit(self, *xs: Tensor) -> MagnitudeUnit:
        """Makes the hardware."""
        x, = xs
        return MagnitudeUnit(x.integer, self.infer(x).integer, self.pe)

    def stream(self, net: Any, ins: Any, *xs: Tensor) -> Any:
        """Says how beats move: through one register."""
        return net.register(ins[0])

    def schedule(self, arrivals: np.ndarray, *xs: Tensor) -> np.ndarray:
        """Says when beats leave that arrive in these cycles."""
        return arrivals + 1

    def operations(self, *xs: Tensor) -> Operations:
        """Counts the work: one addition an element."""
        return Operations(added=xs[0].size * xs[0].integer.width)

"""The layer as people describe it, in reals: the magnitude of each element."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from qhw.layers.real import Elementwise
from qhw.layers.spec import Arrays, Spec

__all__ = ["MagnitudeLayer", "MagnitudeSpec"]


@dataclass(frozen=True)
class MagnitudeLayer(Elementwise):
    """|x| of each element."""

    kind: ClassVar[str] = "magnitude"

    def evaluate(self, *xs: Any) -> np.ndarray:
        """Computes the layer in reals, of any shape."""
        return np.abs(xs[0])


class MagnitudeSpec(Spec):
    """Its table in ``model.toml``."""

    type: Literal["magnitude"]

    def op(self, arrays: Arrays) -> MagnitudeLayer:
        """Makes the layer."""
        return MagnitudeLayer()

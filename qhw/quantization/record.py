"""Records of a quantization: the contents of quantized.json."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..targets.cost import SITES
from ..tools.html import table
from ..tools.typed import Known, Maybe
from .prepare import QuantizedActivation

__all__ = ["Choice", "Mixed", "Quantized", "QuantizedLayer", "Trial"]


@dataclass(frozen=True)
class QuantizedLayer:
    """The effect of a scheme on one layer's weights; ``mse`` is in squared units of the weights."""

    name: str
    scheme: str
    weights: int
    """Count."""
    mse: float
    """Mean squared error of a weight."""
    relative_mse: float
    """Error relative to the weights' mean square."""
    bits_per_weight: float


@dataclass(frozen=True)
class Trial:
    """One layer in one scheme, while all other layers keep their real weights."""

    layer: str
    scheme: str
    loss: float | None = None
    """Squared error of the network's scores, relative to their squares; None if it cannot be."""
    accuracy: float | None = None
    """0 to 1; None without labels."""
    luts: int | None = None
    """Cost of the layer and of the units behind it up to the next layer with weights."""
    brams: int | None = None
    dsps: int | None = None
    reason: str | None = None
    """Why the layer cannot have the scheme."""
    chosen: bool = False

    @property
    def cost(self) -> tuple[int, ...]:
        """The price by kind of resource."""
        return tuple(getattr(self, kind) or 0 for kind in SITES)


@dataclass(frozen=True)
class Mixed:
    """A whole network in a scheme for each layer, measured on the calibration samples."""

    schemes: Mapping[str, str]
    """By layer."""
    uniform: bool
    """Whether all layers that are free to choose have one scheme."""
    loss: float
    """As in ``Trial``."""
    luts: int
    brams: int
    dsps: int
    correct: int | None = None
    """Samples whose class is right, by the hardware's integers; None without labels."""
    accuracy: float | None = None
    fits: bool = True
    """Whether the estimate is within the limits."""
    chosen: bool = False

    @property
    def cost(self) -> np.ndarray:
        """The estimate by kind of resource, (kinds,)."""
        return np.array([getattr(self, kind) for kind in SITES], float)


@dataclass(frozen=True)
class Choice:
    """The choice of a scheme for each layer, and all that it was chosen by."""

    target: str
    budget: Mapping[str, int]
    """As it was asked for."""
    wanted_accuracy: float | None
    limits: Mapping[str, int | None]
    """Most that the estimate may say, by kind of resource: the budget or the chip, LUTs less the
    margin."""
    margin: float
    """Part of the LUTs that is kept for the estimate's error."""
    cycles: int | None
    """Most cycles of an inference that were asked for."""
    samples: int
    """Calibration samples."""
    exact: bool
    """Whether the search left no mix out."""
    trials: tuple[Trial, ...]
    """The sensitivity table."""
    measured: tuple[Mixed, ...]
    """Whole mixes, the best first."""

    @property
    def chosen(self) -> Mixed:
        """The mix that was chosen."""
        return self.measured[0]

    @property
    def uniform(self) -> Mixed | None:
        """The best of the uniform mixes within the limits that reach the accuracy, if any do."""
        return next((m for m in self.measured if m.uniform and m.fits and (
            self.wanted_accuracy is None or (m.accuracy or 0) >= self.wanted_accuracy)), None)


@dataclass(frozen=True, eq=False)
class Quantized(Known):
    """The effect of schemes on a network: ``quantized.json``."""

    name: str
    scheme: str
    """Of layers that have no other."""
    qhw: str
    """Version."""
    layers: tuple[QuantizedLayer, ...]
    weights: int
    mse: float
    """Mean squared error of a weight."""
    bits_per_weight: float
    samples: Maybe[int] = None
    """Samples of the other figures."""
    float_correct: Maybe[int] = None
    """Samples whose class is right before."""
    correct: Maybe[int] = None
    """And after, by the hardware's integers."""
    float_accuracy: Maybe[float] = None
    accuracy: Maybe[float] = None
    calibrated: Maybe[int] = None
    """Samples that activations are calibrated on."""
    activations: Maybe[tuple[QuantizedActivation, ...]] = None
    choice: Maybe[Choice] = None
    """How the schemes were chosen, if they were."""

    def _repr_html_(self) -> str:
        return table(("layer", "scheme", "weights", "bits a weight", "relative error"), (
            (row.name, row.scheme, row.weights, f"{row.bits_per_weight:.2f}",
             f"{row.relative_mse:.4f}") for row in self.layers))

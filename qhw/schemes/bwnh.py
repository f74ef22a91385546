"""Binary weights by hashing: signs and scales that approximate outputs, not weights.

Hu, Wang, Cheng, "From Hashing to CNNs: Training Binary Weight Networks via Hashing", 2018 (arXiv
1802.02733), section 3: |x w - alpha x b|^2 over sample inputs is minimized alternately, the scale
in closed form and the signs one at a time (update formulas as the abstract describes them)."""

from dataclasses import dataclass

import numpy as np

from ..pe import BitPlanes, Element
from .binary import Binary
from .scheme import Codes, Scheme

__all__ = ["Bwnh"]


@dataclass(frozen=True)
class Bwnh(Scheme):
    """Signs with a scale; without sample inputs the scale is the mean |w|, as in ``binary``."""

    name = "bwnh"
    family = "bit planes"
    multiplier_free = True
    citation = "Hu, Wang, Cheng, From Hashing to CNNs, 2018, arXiv 1802.02733"

    rounds: int = 5

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Quantizes like ``binary``; ``fit`` has a smaller error if there are sample inputs."""
        return Binary().quantize(w, per_channel=per_channel)

    def fit(self, w: np.ndarray, x: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Minimizes the squared error of the outputs over the samples ``x`` (samples, inputs).

        Parameters
        ----------
        w : real weights (outputs, inputs)
        x : sample inputs (samples, inputs)
        per_channel : one scale an output; with one scale for all, ``x`` is ignored
        """
        start = self.quantize(w, per_channel=per_channel)
        if not per_channel:
            return start
        gram = x.T.astype(np.float64) @ x
        signs = 2.0 * start.codes - 1
        scale = np.array(start.scale)
        for k, (row, b) in enumerate(zip(w @ gram, signs, strict=True)):
            scale[k] = self._descend(gram, row, b, scale[k])
        return Codes((signs > 0).astype(np.uint8), scale)

    def _descend(self, gram: np.ndarray, target: np.ndarray, b: np.ndarray, alpha: float) -> float:
        """Improves the signs ``b`` (inputs,) in place; returns the scale."""
        for _ in range(self.rounds):
            power = b @ gram @ b
            alpha = max(float(target @ b / power), 0.0) if power > 0 else alpha
            before = b.copy()
            for i in range(len(b)):
                others = gram[i] @ b - gram[i, i] * b[i]
                b[i] = 1.0 if target[i] - alpha * others >= 0 else -1.0
            if np.array_equal(before, b):
                break
        return alpha

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects one plane of signs."""
        return BitPlanes()

"""The sets {-1, +1}, {0, +-1}, {0, +-1, +-2}, ... with the scale of the least squared error.

Leng et al., "Extremely Low Bit Neural Network: Squeeze the Last Bit Out with ADMM", 2017 (arXiv
1707.09870), section 3.2: the projection alternates between the nearest elements of the set and the
scale of least squared error for them. ``qhw.train`` has the training."""

from dataclasses import dataclass

import numpy as np

from ..exact.formats import Power
from ..pe import BitPlanes, Element, ShiftAdd
from .scheme import Codes, Scheme, by_row, scales

__all__ = ["Admm"]

MOST = 100
"""Most rounds of the projection; a few usually suffice."""


@dataclass(frozen=True)
class Admm(Scheme):
    """Magnitudes {1} if ``powers`` is 0, otherwise {0, 1, 2, .. 2**(powers - 1)}, of either sign.
    """

    name = "admm"
    family = "shift and add"
    multiplier_free = True
    citation = "Leng et al., Extremely Low Bit Neural Network, 2017, arXiv 1707.09870"

    powers: int = 2

    def __post_init__(self):
        if not 0 <= self.powers <= 4:
            raise ValueError(f"ADMM must have 0 to 4 powers, not {self.powers!r}")

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects one plane of signs, or one shifted term."""
        return ShiftAdd((Power(self.powers),)) if self.powers else BitPlanes()

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Alternates between nearest levels and least-squares scale until the scale stays the
        same."""
        rows = by_row(w, per_channel)
        size = np.abs(rows)
        top = 1 << max(self.powers - 1, 0)
        alpha: np.ndarray = size.max(1) / top if self.powers else size.mean(1)
        level = size
        for _ in range(MOST):
            level = self._nearest(size / np.where(alpha > 0, alpha, 1.0)[:, None])
            before, squares = alpha, (level**2).sum(1)
            alpha = np.where(squares > 0, (size * level).sum(1) / np.maximum(squares, 1), alpha)
            if np.array_equal(before, alpha):
                break
        level = level.reshape(w.shape)
        if self.powers:
            exponent = np.frexp(np.maximum(level, 1))[1] - 1
            codes = Power(self.powers).encode(exponent, w < 0, level > 0)
        else:
            codes = w >= 0
        return Codes(codes.astype(np.uint8), scales(np.where(alpha > 0, alpha, 1.0), per_channel))

    def _nearest(self, size: np.ndarray) -> np.ndarray:
        """Rounds magnitudes (rows, any) to the nearest level of the set."""
        if not self.powers:
            return np.ones(size.shape)
        levels = np.concatenate([[0], 2.0 ** np.arange(self.powers)])
        return levels[np.searchsorted((levels[1:] + levels[:-1]) / 2, size)]

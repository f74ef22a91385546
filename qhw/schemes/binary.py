"""Binary weights: +1 or -1; the gates are XNOR and popcount if the activations have one bit too.

Courbariaux et al., "Binarized Neural Networks", 2016 (arXiv 1602.02830), and BinaryConnect (arXiv
1511.00363); Rastegari et al., "XNOR-Net", 2016 (arXiv 1603.05279), section 3.1, for the scale: the
mean of |w| over an output's weights is optimal in the least squares sense. ``sign(0)`` is +1."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..pe import BitPlanes, Element
from .scheme import Codes, Scheme, by_row, scales

__all__ = ["Binary", "most_probable", "posterior_means"]


@dataclass(frozen=True)
class Binary(Scheme):
    """Code 1 is +1, code 0 is -1; ``scale`` is the mean |w| (BWN) or 1 (BinaryConnect)."""

    name = "binary"
    family = "bit planes"
    multiplier_free = True
    citation = "Courbariaux et al., Binarized Neural Networks, 2016, arXiv 1602.02830"

    scale: Literal["mean", "one"] = "mean"

    def __post_init__(self):
        if self.scale not in ("mean", "one"):
            raise ValueError(f"Scale must be mean or one, not {self.scale!r}")

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Takes the sign of each weight; sign(0) is +1."""
        rows = by_row(w, per_channel)
        scale = np.abs(rows).mean(1) if self.scale == "mean" else np.ones(len(rows))
        return Codes((w >= 0).astype(np.uint8), scales(scale, per_channel))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects one plane of signs: XNOR and popcount for one-bit activations."""
        return BitPlanes()


def posterior_means(h: np.ndarray) -> np.ndarray:
    """Computes expected weights tanh(h) of fields ``h`` of any shape: +1 has probability e**h /
    (e**h + e**-h).

    Soudry, Hubara, Meir, "Expectation Backpropagation", NIPS 2014, trains such fields.
    """
    return np.tanh(h)


def most_probable(h: np.ndarray) -> Codes:
    """Computes the MAP weights sign(h) of expectation backpropagation; sign(0) is +1.

    ``h`` holds fields (outputs, inputs).
    """
    return Binary(scale="one").quantize(h)

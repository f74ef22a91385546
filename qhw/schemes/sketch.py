"""Network sketching: a sum of binary planes, each with its own scale for every output.

Guo et al., "Network Sketching: Exploiting Binary Structure in Deep CNNs", 2017 (arXiv 1706.02021),
algorithms 1 (direct) and 2 (refined).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..pe import BitPlanes, Element
from .scheme import Codes, Scheme, by_row, scales, to_integers

__all__ = ["Sketch", "least_squares", "sketched", "to_codes"]


@dataclass(frozen=True)
class Sketch(Scheme):
    """``planes`` of signs; the table holds their scales as integers of ``entry_bits`` bits.

    ``refined`` solves for all scales again after each plane; ``direct`` uses the mean magnitude of
    the residual as the plane's scale."""

    name = "sketch"
    family = "bit planes"
    citation = "Guo et al., Network Sketching, 2017, arXiv 1706.02021"

    planes: int = 2
    method: Literal["refined", "direct"] = "refined"
    entry_bits: int = 8

    def __post_init__(self):
        if not 1 <= self.planes <= 4:
            raise ValueError(f"A sketch must have 1 to 4 planes, not {self.planes!r}")
        if self.method not in ("refined", "direct"):
            raise ValueError(f"Method must be refined or direct, not {self.method!r}")

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Takes the signs of the residual, plane by plane."""
        return to_codes(w, *sketched(by_row(w, per_channel), self.planes, self.method),
                        self.entry_bits, per_channel)

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects planes of signs whose sums stay separate."""
        return BitPlanes(self.planes, export="weights")

    def factors(self, outputs: int, table: np.ndarray | None = None) -> np.ndarray:
        """Returns the planes' scales, (outputs, planes)."""
        assert table is not None
        return np.broadcast_to(table, (outputs, self.planes))

    def tables(self, codes: np.ndarray) -> list[tuple[int, ...]]:
        """Returns the shapes of the table: the planes' scales, one set for all outputs or one for
        each output."""
        return [(self.planes,), (len(codes), self.planes)]


def to_codes(w: np.ndarray, scale: np.ndarray, signs: np.ndarray, entry_bits: int,
             per_channel: bool) -> Codes:
    """Packs planes of signs into codes and rounds their scales to integers.

    Parameters
    ----------
    w : the weights, for the shape of the codes (outputs, inputs)
    scale : real scales (rows, planes)
    signs : -1.0 or 1.0, (rows, planes, any)
    entry_bits : bits of an integer scale
    per_channel : one row an output, or one row for all
    """
    planes: int = signs.shape[1]
    codes = ((signs > 0) << np.arange(planes)[:, None]).sum(1).reshape(w.shape)
    table, unit = to_integers(scale, entry_bits)
    return Codes(codes.astype(np.uint8), scales(unit, per_channel), scales(table, per_channel))


def sketched(w: np.ndarray, planes: int, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Approximates rows of weights by scaled planes of signs.

    Parameters
    ----------
    w : real weights (rows, any)
    planes : number of planes
    method : ``"refined"`` or ``"direct"``

    Returns scales (rows, planes) and signs -1.0 or 1.0 (rows, planes, any).
    """
    scale = np.zeros((len(w), 0))
    signs = np.zeros((len(w), 0, w.shape[1]))
    rest = w
    for _ in range(planes):
        signs = np.concatenate([signs, np.where(rest >= 0, 1.0, -1.0)[:, None]], axis=1)
        if method == "refined":
            scale = least_squares(w, signs)
        else:
            scale = np.concatenate([scale, np.abs(rest).mean(1, keepdims=True)], axis=1)
        rest = w - np.einsum("rp,rpi->ri", scale, signs)
    return scale, signs


def least_squares(w: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Computes the scales (rows, planes) of the least squared error, for weights ``w`` (rows, any)
    and ``signs`` (rows, planes, any)."""
    gram = signs @ signs.swapaxes(1, 2)
    target = np.einsum("rpi,ri->rp", signs, w)
    return np.einsum("rpq,rq->rp", np.linalg.pinv(gram), target)

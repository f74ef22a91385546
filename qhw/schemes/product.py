"""Product quantization: a code selects a vector of weights for a piece of the input.

Wu et al., "Quantized Convolutional Neural Networks for Mobile Devices", 2015 (arXiv 1512.06473),
section 3.1: the input is cut into pieces; each piece has its own codewords, found by k-means.
"""

from dataclasses import dataclass

import numpy as np

from ..pe import Element, Tables
from ..tools.typed import computed
from .scheme import Codes, Scheme, to_integers

__all__ = ["Product"]

ROUNDS = 30
"""Most rounds of k-means."""


@dataclass(frozen=True)
class Product(Scheme):
    """Pieces of ``length`` inputs, with ``words`` codewords each, of ``entry_bits`` bits a weight.

    ``shared`` uses one set of words for all pieces. ``seed`` starts k-means.
    """

    name = "product"
    family = "gather"
    citation = "Wu et al., Quantized Convolutional Neural Networks, 2015, arXiv 1512.06473"

    length: int = 2
    words: int = 16
    shared: bool = False
    entry_bits: int = 6
    seed: int = 0

    def __post_init__(self):
        if self.length < 1:
            raise ValueError(f"Pieces must have an input, not {self.length!r}")
        if not 2 <= self.words <= 256:
            raise ValueError(f"There must be 2 to 256 codewords, not {self.words!r}")

    @computed
    def group(self):
        """Inputs covered by one code."""
        return self.length

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Runs k-means for each piece, or for all together; ValueError if pieces do not divide the
        inputs."""
        outputs, inputs = w.shape
        if inputs % self.length:
            raise ValueError(f"Pieces of {self.length} inputs do not divide the {inputs} there are")
        pieces = w.reshape(outputs, -1, self.length).swapaxes(0, 1)
        if self.shared:
            pieces = pieces.reshape(1, -1, self.length)
        found = [_k_means(piece, self.words, self.seed) for piece in pieces]
        codes = np.stack([codes for codes, _ in found])
        codes = codes.reshape(-1, outputs).T
        table, scale = to_integers(np.stack([words for _, words in found]).reshape(1, -1),
                                   self.entry_bits)
        return Codes(codes.astype(np.uint8),
                     np.full(len(w), scale[0]) if per_channel else scale[0],
                     table.reshape(-1, self.words, self.length))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects tables of products that all outputs share."""
        if table is None:
            table = np.zeros((1, self.words, self.length), np.int64)
        return Tables(table)

    def decode(self, codes: np.ndarray, table: np.ndarray | None = None) -> np.ndarray:
        """Looks up the codewords, int64 (outputs, inputs)."""
        return self.element(table).weights(codes)[:, 0]

    def tables(self, codes: np.ndarray) -> list[tuple[int, ...]]:
        """Returns the shape of the table, (pieces, words, length), with one piece if ``shared``."""
        return [(1 if self.shared else codes.shape[1], self.words, self.length)]


def _k_means(points: np.ndarray, words: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes (n,) and centres (words, length) of points (n, length)."""
    rng = np.random.default_rng(seed)
    every = np.unique(points, axis=0)
    if len(every) <= words:
        centres = np.concatenate([every, np.repeat(every[-1:], words - len(every), 0)])
    else:
        centres = every[rng.choice(len(every), words, replace=False)]
    for _ in range(ROUNDS):
        codes = np.square(points[:, None] - centres).sum(2).argmin(1)
        moved = np.array([points[codes == k].mean(0) if (codes == k).any() else centres[k]
                          for k in range(words)])
        if np.array_equal(moved, centres):
            break
        centres = moved
    return np.square(points[:, None] - centres).sum(2).argmin(1), centres

"""HashedNets: a hash of a weight's position selects its value among a few.

Chen et al., "Compressing Neural Networks with the Hashing Trick", 2015 (arXiv 1504.04788), section
4. A bucket's value is the mean of its weights, which has the least squared error. Codes are stored
here as in a codebook, although the hash could compute them."""

from dataclasses import dataclass

import numpy as np

from ..pe import Element
from .codebook import Codebook
from .scheme import Codes, Scheme, to_integers

__all__ = ["Hashed"]


@dataclass(frozen=True)
class Hashed(Scheme):
    """``buckets`` values of ``entry_bits`` bits; ``seed`` selects the hash."""

    name = "hashed"
    family = "gather"
    citation = "Chen et al., Hashing Trick, 2015, arXiv 1504.04788"

    buckets: int = 256
    entry_bits: int = 8
    seed: int = 0

    def __post_init__(self):
        if not 2 <= self.buckets <= 256:
            raise ValueError(f"There must be 2 to 256 buckets, not {self.buckets!r}")

    def places(self, outputs: int, inputs: int) -> np.ndarray:
        """Computes the buckets (outputs, inputs) by a multiplicative hash of the position (Knuth).
        """
        place = np.arange(outputs * inputs, dtype=np.uint64) + np.uint64(self.seed)
        mixed = place * np.uint64(2654435761) & np.uint64(0xFFFFFFFF)
        mixed = (mixed ^ mixed >> np.uint64(15)) * np.uint64(2246822519) & np.uint64(0xFFFFFFFF)
        return (mixed * np.uint64(self.buckets) >> np.uint64(32)).astype(np.int64).reshape(
            outputs, inputs)

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Averages the weights of each bucket."""
        codes = self.places(*w.shape)
        count = np.bincount(codes.ravel(), minlength=self.buckets)
        total = np.bincount(codes.ravel(), weights=w.ravel(), minlength=self.buckets)
        table, scale = to_integers((total / np.maximum(count, 1))[None], self.entry_bits)
        return Codes(codes.astype(np.uint8), np.full(len(w), scale[0]) if per_channel else scale[0],
                     table[0])

    @property
    def book(self) -> Codebook:
        """The codebook with the same gates."""
        return Codebook(self.buckets, entry_bits=self.entry_bits, engine="multiply")

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects a multiplier behind a decoder."""
        return self.book.element(table)

    def tables(self, codes: np.ndarray) -> list[tuple[int, ...]]:
        """Returns the shape of the table: ``buckets`` integers."""
        return [(self.buckets,)]

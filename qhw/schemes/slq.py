"""Single-level quantization: a codebook that starts from 0 and powers of two.

Xu et al., "Deep Neural Network Compression with Single and Multiple Level Quantization", 2018
(arXiv 1803.03289), section 3, and the authors' code. After k-means the values are no longer powers
of two, so the hardware is that of a codebook. ``qhw.train`` has the schedules that quantize the
layer in portions. MLQ's two and three bits are codebooks of 3 or 5 entries."""

from dataclasses import dataclass

import numpy as np

from ..pe import Element
from .codebook import Codebook, lloyd, to_codebook
from .scheme import Codes, Scheme

__all__ = ["Slq"]


@dataclass(frozen=True)
class Slq(Scheme):
    """Zero and 2**(``bits`` - 1) values of either sign, of ``entry_bits`` bits in Q-format."""

    name = "slq"
    family = "gather"
    citation = "Xu et al., Single and Multiple Level Quantization, 2018, arXiv 1803.03289"

    bits: int = 4
    rounds: int = 10
    entry_bits: int = 8

    def __post_init__(self):
        if not 2 <= self.bits <= 5:
            raise ValueError(f"SLQ must have 2 to 5 bits, not {self.bits!r}")

    @property
    def entries(self) -> int:
        """Entries of the codebook."""
        return (1 << self.bits - 1) + 1

    def centres(self, w: np.ndarray) -> np.ndarray:
        """Computes the codebook's initial values (entries,): 0, then by falling magnitude, plus
        before minus."""
        peak = 2.0 ** (np.frexp(np.abs(w).max())[1] - 1)
        steps = peak / 2.0 ** np.arange((self.entries - 1) // 2)
        begin = np.concatenate([[0.0], np.stack([steps, -steps], 1).ravel()])
        return lloyd(w.ravel(), begin, frozen=1, rounds=self.rounds)

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Runs k-means from 0 and the powers of two below the largest |w|."""
        return to_codebook(w, self.centres(w), self.entry_bits, per_channel)

    @property
    def book(self) -> Codebook:
        """The codebook with the same gates."""
        return Codebook(self.entries, entry_bits=self.entry_bits)

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects bins, as a codebook does."""
        return self.book.element(table)

    def factors(self, outputs: int, table: np.ndarray | None = None) -> np.ndarray:
        """Returns the nonzero entries, (outputs, entries)."""
        return self.book.factors(outputs, table)

    def tables(self, codes: np.ndarray) -> list[tuple[int, ...]]:
        """Returns the shape of the table: ``entries`` integers."""
        return [(self.entries,)]

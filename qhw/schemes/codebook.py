"""Weight sharing: k-means finds a few values, and each weight stores the code of one.

Han, Mao, Dally, "Deep Compression: Compressing Deep Neural Networks with Pruning, Trained
Quantization and Huffman Coding", 2015 (arXiv 1510.00149), section 3. The hardware sums the
activations of each code and multiplies each sum once (gather), or it looks up each value and
multiplies."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..pe import Bins, Element, Multiply
from .scheme import Codes, Scheme, to_integers

__all__ = ["Codebook", "lloyd", "to_codebook"]

ROUNDS = 100
"""Most rounds of k-means."""


@dataclass(frozen=True)
class Codebook(Scheme):
    """``entries`` values of ``entry_bits`` bits in Q-format, one codebook for the layer.

    ``start`` sets k-means' initial values: ``linear``, equal steps from the smallest weight to the
    largest; ``density``, equal steps of the weights' distribution ((k + 1/2) / entries);
    ``random``, weights drawn with ``seed``. With ``zero`` entry 0 is 0. ``engine`` is ``gather`` or
    ``multiply``; both compute the same integers.
    """

    name = "codebook"
    family = "gather, multiply"
    citation = "Han, Mao, Dally, Deep Compression, 2015, arXiv 1510.00149"

    entries: int = 16
    start: Literal["linear", "density", "random"] = "linear"
    zero: bool = False
    entry_bits: int = 8
    engine: Literal["gather", "multiply"] = "gather"
    seed: int = 0

    def __post_init__(self):
        if not 2 <= self.entries <= 256:
            raise ValueError(f"A codebook must have 2 to 256 entries, not {self.entries!r}")
        if self.start not in ("linear", "density", "random"):
            raise ValueError(f"Start must be linear, density or random, not {self.start!r}")
        if self.engine not in ("gather", "multiply"):
            raise ValueError(f"Engine must be gather or multiply, not {self.engine!r}")

    def quantize(self, w: np.ndarray, *, per_channel: bool = True) -> Codes:
        """Runs k-means over all weights and takes each weight's nearest entry."""
        return to_codebook(w, self.centres(w), self.entry_bits, per_channel)

    def centres(self, w: np.ndarray) -> np.ndarray:
        """Computes the real codebook (entries,) for weights ``w`` (outputs, inputs)."""
        fixed = np.zeros(1 if self.zero else 0)
        free = self.entries - len(fixed)
        values = np.unique(w[w != 0] if self.zero else w)
        if len(values) <= free:     # every value gets an entry of its own
            pad = np.full(free - len(values), values[-1] if len(values) else 0.0)
            return np.concatenate([fixed, values, pad])
        match self.start:
            case "linear":
                low: float = w.min()
                high: float = w.max()
                begin = np.linspace(low, high, free)
            case "density":
                begin = np.quantile(w, (np.arange(free) + 0.5) / free)
            case "random":
                begin = np.sort(np.random.default_rng(self.seed).choice(values, free,
                                                                        replace=False))
        return lloyd(w.ravel(), np.concatenate([fixed, begin]), frozen=len(fixed))

    def element(self, table: np.ndarray | None = None) -> Element:
        """Selects bins (``gather``) or a multiplier behind a decoder (``multiply``)."""
        values = np.arange(self.entries) if table is None else table
        if self.engine == "multiply":
            return Multiply(values)
        used = np.arange(len(values))
        return Bins((self.entries - 1).bit_length(), tuple(used[values != 0].tolist()),
                    tuple(used[values == 0].tolist()))

    def factors(self, outputs: int, table: np.ndarray | None = None) -> np.ndarray:
        """Returns the nonzero entries for ``gather``, (outputs, entries); 1 for ``multiply``."""
        assert table is not None
        if self.engine == "multiply":
            return super().factors(outputs, table)
        return np.broadcast_to(table[table != 0], (outputs, int((table != 0).sum())))

    def tables(self, codes: np.ndarray) -> list[tuple[int, ...]]:
        """Returns the shape of the table: ``entries`` integers."""
        return [(self.entries,)]


def lloyd(w: np.ndarray, centres: np.ndarray, *, frozen: int = 0, rounds: int = ROUNDS
          ) -> np.ndarray:
    """Runs k-means in one dimension and returns the centres, (centres,).

    Parameters
    ----------
    w : real numbers (n,)
    centres : initial values (centres,); a centre without numbers stays
    frozen : count of leading centres that stay
    rounds : most rounds
    """
    centres = centres.astype(np.float64)
    for _ in range(rounds):
        nearest = _nearest(w, centres)
        count = np.bincount(nearest, minlength=len(centres))
        total = np.bincount(nearest, weights=w, minlength=len(centres))
        moved = np.where(count > 0, total / np.maximum(count, 1), centres)
        moved[:frozen] = centres[:frozen]
        if np.array_equal(moved, centres):
            break
        centres = moved
    return centres


def to_codebook(w: np.ndarray, centres: np.ndarray, entry_bits: int, per_channel: bool) -> Codes:
    """Rounds weights to the nearest centre and the centres to integers with one scale.

    Parameters
    ----------
    w : real weights (outputs, inputs)
    centres : real codebook (entries,)
    entry_bits : bits of an integer entry, signed
    per_channel : whether the scale is repeated for each output
    """
    table, scale = to_integers(centres[None], entry_bits)
    codes = _nearest(w.ravel(), centres).reshape(w.shape).astype(np.uint8)
    return Codes(codes, np.full(len(w), scale[0]) if per_channel else scale[0], table[0])


def _nearest(w: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Finds the index of the nearest centre for each number in ``w`` (n,); ties take the first."""
    order = np.argsort(centres, kind="stable")
    ranked = centres[order]
    return order[np.searchsorted((ranked[1:] + ranked[:-1]) / 2, w)]

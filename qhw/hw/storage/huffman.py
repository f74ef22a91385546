"""Canonical Huffman codes: only the code lengths need to be stored.

Huffman, "A Method for the Construction of Minimum-Redundancy Codes", 1952; package-merge limits the
lengths (Larmore and Hirschberg, 1990). Han et al., "Deep Compression", 2015 (arXiv 1510.00149),
section 4, codes weights and gaps this way.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["Huffman"]

MOST = 12
"""Default limit of a code's length in bits."""


@dataclass(frozen=True, eq=False)
class Huffman:
    """A canonical code; ``lengths`` (symbols,) are in bits, 0 for unused symbols."""

    lengths: np.ndarray

    @classmethod
    def of(cls, symbols: np.ndarray, count: int, most: int = MOST) -> "Huffman":
        """Computes the optimal code for a sequence of symbols.

        Parameters
        ----------
        symbols : integers (n,), each below ``count``
        count : number of symbols in the alphabet
        most : limit of the code length in bits; ValueError if 2**most is less than the symbols in
            use
        """
        counts = np.bincount(symbols, minlength=count)
        used = np.flatnonzero(counts)
        lengths = np.zeros(count, np.int64)
        if len(used) == 1:
            lengths[used] = 1
            return cls(lengths)
        if len(used) > 1 << most:
            raise ValueError(f"Codes of {most} bits are too short for {len(used)} symbols")
        leaves = sorted((int(counts[s]), (int(s),)) for s in used)
        row: list[tuple[int, tuple[int, ...]]] = []
        packages: list[tuple[int, tuple[int, ...]]] = []
        for _ in range(most):
            row = sorted([*leaves, *packages])
            packages = [(a[0] + b[0], a[1] + b[1]) for a, b in zip(row[::2], row[1::2],
                                                                   strict=False)]
        for _, members in row[:2 * len(used) - 2]:
            np.add.at(lengths, list(members), 1)
        return cls(lengths)

    @property
    def order(self) -> np.ndarray:
        """The symbols in the order of their codes, (symbols,): by length, then by number."""
        used = np.flatnonzero(self.lengths)
        return used[np.argsort(self.lengths[used], kind="stable")]

    @property
    def longest(self) -> int:
        """Bits of the longest code."""
        return int(self.lengths.max())

    @property
    def codes(self) -> dict[int, tuple[int, int]]:
        """Code and length in bits, by symbol."""
        found, code, before = dict[int, tuple[int, int]](), 0, 0
        for symbol in self.order.tolist():
            length = int(self.lengths[symbol])
            code <<= length - before
            found[symbol] = (code, length)
            code, before = code + 1, length
        return found

    def encode(self, symbols: np.ndarray) -> list[int]:
        """Encodes ``symbols`` (n,) to bits, the first bit of each code first."""
        codes = self.codes
        return [code >> k & 1 for code, length in (codes[s] for s in symbols.tolist())
                for k in reversed(range(length))]

    def decode(self, bits: list[int], count: int) -> np.ndarray:
        """Decodes the first ``count`` symbols of ``bits``; ValueError if the bits end before."""
        symbols = {code: symbol for symbol, code in self.codes.items()}
        found: list[int] = []
        code = length = 0
        for bit in bits:
            if len(found) == count:
                break
            code, length = code << 1 | bit, length + 1
            if (code, length) in symbols:
                found.append(symbols[code, length])
                code = length = 0
        if len(found) < count:
            raise ValueError(f"The bits end after {len(found)} of {count} symbols")
        return np.array(found, np.int64)

    @property
    def table_bits(self) -> int:
        """Bits of the table of lengths."""
        return len(self.lengths) * max(self.longest.bit_length(), 1)

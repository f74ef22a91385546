"""Lossless compression of weight codes in memory."""

from dataclasses import dataclass

from .huffman import Huffman
from .relative import gaps_of, joined
from .trits import from_bytes, to_bytes

__all__ = ["Huffman", "Way", "from_bytes", "gaps_of", "joined", "storages", "to_bytes"]


@dataclass(frozen=True)
class Way:
    """A way in which weights lie in memory, a layer's ``storage``."""

    about: str
    citation: str = ""
    """Authors, title, year, arXiv number; empty if there is nothing to cite."""


storages: dict[str, Way] = {
    "packed": Way("codes side by side"),
    "trits": Way("five ternary codes in a byte, 1.6 bits each"),
    "huffman": Way("runs of zeros and codes, each in a canonical Huffman code",
                   "Han et al., Deep Compression, 2015, arXiv 1510.00149")}
"""Every way, by name."""

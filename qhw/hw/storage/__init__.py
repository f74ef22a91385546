"""Lossless compression of weight codes in memory."""

from .huffman import Huffman
from .relative import gaps_of, joined
from .trits import from_bytes, to_bytes

__all__ = ["Huffman", "from_bytes", "gaps_of", "joined", "to_bytes"]

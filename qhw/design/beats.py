"""Tensors as the words of a stream, and back."""

import numpy as np

from ..exact.num import Int

__all__ = ["from_bytes", "to_bytes", "words_to_codes"]


def to_bytes(codes: np.ndarray, interval: Int, lanes: int) -> np.ndarray:
    """Codes (N, any) as beats (N * beats, bytes), the first element in the lowest bits."""
    bits = codes.reshape(-1, lanes)[:, :, None] >> np.arange(interval.width) & 1
    return np.packbits(bits.reshape(len(bits), -1).astype(np.uint8), axis=1, bitorder="little")


def from_bytes(beats: np.ndarray, interval: Int, lanes: int, shape: tuple[int, ...]) -> np.ndarray:
    """Codes (N, *shape) from beats (N * beats, bytes)."""
    width = interval.width
    bits = np.unpackbits(beats, axis=1, bitorder="little", count=width * lanes)
    weights = 1 << np.arange(width, dtype=np.int64)
    if interval.shape.signed:
        weights[-1] *= -1
    return (bits.reshape(-1, width).astype(np.int64) @ weights).reshape(-1, *shape)


def words_to_codes(words: list[int], interval: Int, lanes: int, shape: tuple[int, ...]
                   ) -> np.ndarray:
    """Codes (N, *shape) from beats as integers."""
    size = -(-interval.width * lanes // 8)
    beats = np.frombuffer(b"".join((w & (1 << 8 * size) - 1).to_bytes(size, "little")
                                   for w in words), np.uint8)
    return from_bytes(beats.reshape(-1, size), interval, lanes, shape)

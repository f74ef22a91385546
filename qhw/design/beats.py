"""Packs tensors into the beats of a stream, and unpacks them."""

import numpy as np

from ..exact.num import Int

__all__ = ["from_bytes", "to_bytes", "words_to_codes"]


def to_bytes(codes: np.ndarray, interval: Int, lanes: int) -> np.ndarray:
    """Packs codes into beats (N * beats, bytes), the first element in the lowest bits.

    Parameters
    ----------
    codes : integers (N, any)
    interval : an interval that contains them
    lanes : codes of a beat
    """
    bits = codes.reshape(-1, lanes)[:, :, None] >> np.arange(interval.width) & 1
    return np.packbits(bits.reshape(len(bits), -1).astype(np.uint8), axis=1, bitorder="little")


def from_bytes(beats: np.ndarray, interval: Int, lanes: int, shape: tuple[int, ...],
               vector: int = 0) -> np.ndarray:
    """Unpacks beats into codes (N, *shape).

    Parameters
    ----------
    beats : (N * beats, bytes)
    interval : an interval that contains the codes
    lanes : codes of a beat
    shape : shape of a sample
    vector : codes of which the first has a beat of its own; 0 if all beats are full
    """
    width = interval.width
    bits = np.unpackbits(beats, axis=1, bitorder="little", count=width * lanes)
    weights = 1 << np.arange(width, dtype=np.int64)
    if interval.shape.signed:
        weights[-1] *= -1
    codes = bits.reshape(-1, width).astype(np.int64) @ weights
    if vector % lanes:
        codes = codes.reshape(-1, lanes * -(-vector // lanes))[:, :vector]
    return codes.reshape(-1, *shape)


def words_to_codes(words: list[int], interval: Int, lanes: int, shape: tuple[int, ...],
                   vector: int = 0) -> np.ndarray:
    """Unpacks beats, given as integers, into codes (N, *shape).

    Parameters
    ----------
    words : one integer a beat
    interval : an interval that contains the codes
    lanes : codes of a beat
    shape : shape of a sample, (outputs,) or (height, width, channels)
    vector : as in ``from_bytes``
    """
    size = -(-interval.width * lanes // 8)
    beats = np.frombuffer(b"".join((w & (1 << 8 * size) - 1).to_bytes(size, "little")
                                   for w in words), np.uint8)
    return from_bytes(beats.reshape(-1, size), interval, lanes, shape, vector)

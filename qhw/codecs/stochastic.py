"""Stochastic quantization of gradients to levels of their largest magnitude, without bias.

Wen et al., "TernGrad", 2017 (arXiv 1705.07878), eq. 3, uses one level. Alistarh et al., "QSGD",
2017 (arXiv 1610.02132), section 3.1, uses several levels of the Euclidean norm. The Euclidean norm
is not an integer, so the integer codec uses the maximum norm instead; ``levels_of`` computes QSGD's
levels in floats."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Stochastic", "levels_of", "qsgd", "terngrad"]


@dataclass(frozen=True)
class Stochastic:
    """A codec with ``2**log_levels`` levels and random numbers of ``random_bits`` bits.

    The code of g is sign(g) * floor((|g| 2**log_levels 2**random_bits / scale + u) /
    2**random_bits), with random integers u. It needs no division: the code reaches level k if |g|
    2**(log_levels + random_bits) + u scale >= k scale 2**random_bits."""

    log_levels: int = 0
    random_bits: int = 16

    @property
    def levels(self) -> int:
        """Levels above 0."""
        return 1 << self.log_levels

    @property
    def bits(self) -> int:
        """Bits of one code: sign and magnitude."""
        return self.log_levels + 2

    def scale(self, g: np.ndarray) -> int:
        """Computes the largest magnitude of ``g``, integers (n,)."""
        return int(np.abs(g).max())

    def encode(self, g: np.ndarray, random: np.ndarray) -> tuple[np.ndarray, int]:
        """Encodes integers ``g`` (n,) to signed levels (n,) and the scale.

        ``random`` (n,) holds integers uniform in 0 .. 2**random_bits - 1.
        """
        scale = self.scale(g)
        left = (np.abs(g).astype(object) << self.log_levels + self.random_bits) + random * scale
        reached = sum((left >= k * scale << self.random_bits).astype(np.int64)
                      for k in range(1, self.levels + 1))
        return (np.sign(g) * reached).astype(np.int64), scale

    def decode(self, codes: np.ndarray, scale: int) -> np.ndarray:
        """Decodes signed levels (n,) to integers in steps of 1 / levels."""
        return codes * scale

    def wire_bits(self, length: int, scale_bits: int) -> int:
        """Computes the bits of a vector on the link: ``length`` codes and a scale of ``scale_bits``
        bits."""
        return length * self.bits + scale_bits


def terngrad(random_bits: int = 16) -> Stochastic:
    """Makes TernGrad's codec: 0, plus or minus the largest magnitude."""
    return Stochastic(0, random_bits)


def qsgd(log_levels: int, random_bits: int = 16) -> Stochastic:
    """Makes QSGD's codec with ``2**log_levels`` levels of the largest magnitude."""
    return Stochastic(log_levels, random_bits)


def levels_of(g: np.ndarray, levels: int, norm: str = "l2") -> tuple[np.ndarray, float]:
    """Divides |g| (n,) into ``levels`` levels of the norm ``norm``, "l2" or "max".

    ``g`` holds real numbers (n,). Returns real levels (n,) and the norm; all 0 gives NaN.
    """
    size = float(np.sqrt(np.square(g).sum()) if norm == "l2" else np.abs(g).max())
    return np.abs(g) / size * levels, size

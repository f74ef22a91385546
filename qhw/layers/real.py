"""Base classes of real functions of one element."""

from abc import abstractmethod
from fractions import Fraction

from ..exact.cuts import AnyCut
from ..graph import Op, Tensor

__all__ = ["Elementwise", "Monotone", "Straight"]


class Elementwise(Op):
    """A real function of each element alone; the output has the input's shape."""

    def infer(self, *xs: Tensor) -> Tensor:
        x, = xs
        return Tensor(x.shape)


class Monotone(Elementwise):
    """A function that rises or falls in each channel, so that cuts can be pulled back through
    it."""

    @abstractmethod
    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        """Pulls a condition on the output back to the input."""


class Straight(Monotone):
    """A function ``slope * x + offset``, with rational numbers for each channel."""

    @abstractmethod
    def line(self, channel: int) -> tuple[Fraction, Fraction]:
        """Slope and offset of the channel."""

    def after(self, line: tuple[Fraction, Fraction], channel: int) -> tuple[Fraction, Fraction]:
        """Composes ``line`` with this layer's channel behind it; returns slope and offset."""
        (slope, offset), (a, b) = line, self.line(channel)
        return (a, b) if line == (1, 0) else (slope * a, offset * a + b)

    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        return cut.through_affine(*self.line(channel))

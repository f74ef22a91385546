"""What real functions of one element have in common."""

from abc import abstractmethod
from fractions import Fraction

from ..exact.cuts import AnyCut
from ..graph import Op, Tensor

__all__ = ["Elementwise", "Monotone", "Straight"]


class Elementwise(Op):
    """A real function of each element alone; shapes stay."""

    def infer(self, *xs):
        x, = xs
        return Tensor(x.shape)


class Monotone(Elementwise):
    """One that rises or falls in each channel, so that cuts can be pulled through it."""

    @abstractmethod
    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        """Pulls a condition on the output back to the input."""


class Straight(Monotone):
    """A rational scale and offset for each channel."""

    @abstractmethod
    def line(self, channel: int) -> tuple[Fraction, Fraction]:
        """Slope and offset of the channel."""

    def after(self, line: tuple[Fraction, Fraction], channel: int) -> tuple[Fraction, Fraction]:
        """Slope and offset of ``line`` and this layer's channel behind it, as one."""
        (slope, offset), (a, b) = line, self.line(channel)
        return slope * a, offset * a + b

    def pull(self, cut: AnyCut, channel: int) -> AnyCut:
        return cut.through_affine(*self.line(channel))

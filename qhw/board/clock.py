"""The clock of a network on a board: the oscillator's, or what a PLL makes of it."""

from dataclasses import dataclass
from fractions import Fraction

from ..errors import ModelError
from ..link.link import Link
from ..targets.boards import Board
from ..targets.pll import Pll, fastest

__all__ = ["Clock"]


@dataclass(frozen=True)
class Clock:
    """A frequency that a board can have."""

    board: Board
    pll: Pll | None = None

    @property
    def mhz(self) -> Fraction:
        """Frequency in MHz."""
        return self.pll.mhz if self.pll else Fraction(str(self.board.clock_mhz))

    @property
    def hz(self) -> int:
        """Frequency in Hz."""
        return round(self.mhz * 1_000_000)

    @property
    def link(self) -> Link:
        """The serial line at this clock."""
        return Link(self.hz, self.board.baud)

    @classmethod
    def below(cls, board: Board, mhz: float) -> "Clock":
        """The fastest that is not above; without a PLL where that makes the same or nothing."""
        own, most = cls(board), Fraction(mhz).limit_denominator(1_000_000)
        try:
            found = cls(board, fastest(board.chip.pll, own.mhz, most))
        except ModelError:
            if own.mhz <= most:
                return own
            raise
        return own if found.mhz <= own.mhz <= most else found

"""The clock of a network on a board: the oscillator's frequency, or one that a PLL makes from
it."""

from dataclasses import dataclass
from fractions import Fraction

from ..errors import ModelError
from ..link.link import Link
from ..targets.boards import Board
from ..targets.pll import Pll, fastest

__all__ = ["Clock"]


@dataclass(frozen=True)
class Clock:
    """A clock frequency that a board can have: the oscillator's, or that of the PLL setting
    ``pll``."""

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
        """Makes the serial link at this clock."""
        return Link(self.hz, self.board.baud)

    @classmethod
    def below(cls, board: Board, mhz: float) -> "Clock":
        """Selects the fastest clock that does not exceed ``mhz``. The PLL is used only if it is
        faster than the oscillator or if the oscillator is too fast."""
        own, most = cls(board), Fraction(mhz).limit_denominator(1_000_000)
        try:
            found = cls(board, fastest(board.chip.pll, own.mhz, most))
        except ModelError:
            if own.mhz <= most:
                return own
            raise
        return own if found.mhz <= own.mhz <= most else found

"""Laws of boards."""

from typing import Any

import pytest

from ..board.top import BoardTop, platform
from ..targets import target
from ..targets.boards import Board, boards

__all__ = ["BoardLaws"]

VERIFIED = ("nothing", "synthesis", "bitstream", "hardware")


class BoardLaws:
    """Laws that hold for every board; a subclass sets ``board``."""

    board: Board

    def test_it_is_listed_once(self) -> None:
        """``qhw boards`` has it, and no other board has its name."""
        assert [one for one in boards() if one.name == self.board.name] == [self.board]

    def test_its_chip_is_known(self) -> None:
        """The chip is one of ``qhw targets``, and has room for more than the link."""
        chip = self.board.chip
        assert chip.family == target(chip.name).family
        assert 0 <= self.board.reserve.luts < chip.luts / 5
        assert self.board.reserve.brams < chip.brams

    def test_clock_and_link_are_possible(self) -> None:
        """An oscillator in MHz, and a baud rate that it can divide to."""
        assert 1 <= self.board.clock_mhz <= 200
        assert 9600 <= self.board.baud <= self.board.clock_mhz * 1e6 / 4

    def test_verified_is_a_word_of_the_guide(self) -> None:
        """How far the board has been tried."""
        assert self.board.verified in VERIFIED

    def test_its_platform_has_the_pins(self) -> None:
        """Amaranth's platform has a clock of this frequency and a serial port, and makes the
        constraints of the shell around a network."""
        if not self.board.open_tools:
            pytest.skip("its chip has no open place and route")
        pins: Any = platform(self.board)
        assert pins.default_clk_frequency == self.board.clock_mhz * 1e6
        files = pins.prepare(BoardTop("net", self.board, None), "top", emit_src=False).files
        assert any("rx" in str(text) and "tx" in str(text) for text in files.values())

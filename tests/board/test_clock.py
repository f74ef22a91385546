"""Clocks of boards: the oscillator's or the PLL's, rounded to hertz, never above what is asked."""

from fractions import Fraction

import pytest

from qhw.board.clock import Clock
from qhw.errors import ModelError
from qhw.targets.boards import board


@pytest.mark.parametrize(("name", "most", "mhz", "pll"), [
    ("icebreaker", 12, "12", False),            # what the oscillator has needs no PLL
    ("icebreaker", 15.9, "12", False),          # the PLL cannot go below 16.125 MHz
    ("icebreaker", 16.125, "16.125", True),
    ("ulx3s-85f", 25, "25", False), ("ulx3s-85f", 30, "30", True),
    ("ulx3s-85f", 12.5, "12.5", True),          # below the oscillator
])
def test_the_fastest_that_is_not_above(name, most, mhz, pll):
    clock = Clock.below(board(name), most)
    assert clock.mhz == Fraction(mhz)
    assert (clock.pll is not None) == pll


@pytest.mark.parametrize(("name", "most", "mhz", "hz", "baud"), [
    ("ulx3s-85f", 20.8334, "125/6", 20_833_333, 1_000_000),        # 20.8333333 MHz
    ("colorlight-i5", 16.6667, "50/3", 16_666_667, 115200),     # 16.6666667 MHz
])
def test_hertz_are_rounded(name, most, mhz, hz, baud):
    clock = Clock.below(board(name), most)
    assert (clock.mhz, clock.hz) == (Fraction(mhz), hz)
    assert (clock.link.clock_hz, clock.link.baud) == (hz, baud)


def test_none_is_slow_enough():
    with pytest.raises(ModelError, match="11 MHz was requested"):
        Clock.below(board("icebreaker"), 11)

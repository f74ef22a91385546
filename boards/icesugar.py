"""Muse Lab iCESugar v1.5."""

from qhw.targets import target
from qhw.targets.boards import Board, Programmer

BOARD = Board(
    "icesugar", target("ice40up5k"), 12, "Muse Lab iCESugar v1.5",
    platform="amaranth_boards.icesugar:ICESugarPlatform", pll_pad=True,
    programmers=(Programmer("icesprog"),),
    usb="1d50:602b", link="USB, the serial port of its iCELink", verified="bitstream")

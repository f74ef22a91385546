"""Muse Lab iCESugar-pro: chip, oscillator and serial pins are those of Amaranth's platform, which
follows https://github.com/wuxx/icesugar-pro. Nobody has tried it with qhw."""

from qhw.targets import target
from qhw.targets.boards import Board, Programmer

__all__ = ["BOARD"]

BOARD = Board(
    "icesugar-pro", target("ecp5-25k"), 25, "Muse Lab iCESugar-pro",
    platform="amaranth_boards.icesugar_pro:ICESugarProPlatform",
    programmers=(Programmer("openFPGALoader", ("-c", "cmsisdap"), ("-c", "cmsisdap", "-f")),),
    usb="1d50:602b", link="USB, the serial port of its iCELink", verified="nothing")

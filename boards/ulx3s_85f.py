"""Radiona ULX3S with an LFE5U-85F."""

from qhw.targets import target
from qhw.targets.boards import Board, Programmer

BOARD = Board(
    "ulx3s-85f", target("ecp5-85k"), 25, "Radiona ULX3S with an LFE5U-85F",
    platform="amaranth_boards.ulx3s:ULX3S_85F_Platform", pack=("--compress",),
    programmers=(Programmer("openFPGALoader", ("-b", "ulx3s", "-m"), ("-b", "ulx3s", "-f")),),
    usb="0403:6015", link="USB 1, the port of its FT231X", baud=1_000_000, verified="bitstream")

"""Lattice iCE40-HX8K breakout board (iCE40HX8K-B-EVN)."""

from qhw.targets import target
from qhw.targets.boards import Board, Programmer

BOARD = Board(
    "ice40-hx8k-evn", target("ice40hx8k"), 12, "Lattice iCE40HX8K-B-EVN",
    platform="amaranth_boards.ice40_hx8k_b_evn:ICE40HX8KBEVNPlatform",
    programmers=(Programmer("iceprog"),
                 Programmer("openFPGALoader", ("-b", "ice40_generic", "-f"))),
    usb="0403:6010", link="USB, the second port of its FT2232H", baud=1_000_000,
    verified="bitstream")

"""1BitSquared iCEBreaker."""

from qhw.targets import target
from qhw.targets.boards import Board, Programmer

BOARD = Board(
    "icebreaker", target("ice40up5k"), 12, "1BitSquared iCEBreaker",
    platform="amaranth_boards.icebreaker:ICEBreakerPlatform", pll_pad=True,
    programmers=(Programmer("iceprog"),
                 Programmer("openFPGALoader", ("-b", "ice40_generic", "-f"))),
    usb="0403:6010", link="USB, the second port of its FT2232H", baud=1_000_000,
    verified="bitstream")

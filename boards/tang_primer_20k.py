"""Sipeed Tang Primer 20K on its dock."""

from qhw.targets import target
from qhw.targets.boards import Board, Programmer

BOARD = Board(
    "tang-primer-20k", target("gw2a-18"), 27, "Sipeed Tang Primer 20K",
    platform="amaranth_boards.tang_primer_20k:TangPrimer20kDockPlatform",
    programmers=(Programmer("openFPGALoader", ("-b", "tangprimer20k", "-m"),
                            ("-b", "tangprimer20k", "-f")),),
    usb="0403:6010", link="USB, the second port of its BL702", verified="bitstream")

"""Sipeed Tang Nano 9K."""

from qhw.targets import target
from qhw.targets.boards import Board, Programmer

BOARD = Board(
    "tang-nano-9k", target("gw1n-9c"), 27, "Sipeed Tang Nano 9K",
    platform="amaranth_boards.tang_nano_9k:TangNano9kPlatform",
    pack=("--sspi_as_gpio", "--mspi_as_gpio"),
    programmers=(Programmer("openFPGALoader", ("-b", "tangnano9k", "-m"),
                            ("-b", "tangnano9k", "-f")),),
    usb="0403:6010", link="USB, the second port of its BL702", verified="bitstream")

"""LambdaConcept ECPIX-5 with an LFE5UM5G-85F."""

from qhw.targets import target
from qhw.targets.boards import Board, Programmer

BOARD = Board(
    "ecpix-5", target("ecp5-85k"), 100, "LambdaConcept ECPIX-5 with an LFE5UM5G-85F",
    platform="amaranth_boards.ecpix5:ECPIX585Platform", pack=("--compress",),
    programmers=(Programmer("openFPGALoader", ("-b", "ecpix5", "-m"), ("-b", "ecpix5", "-f")),),
    usb="0403:6010", link="USB, the second port of its FT2232H", baud=1_000_000,
    verified="bitstream")

"""Digilent Arty A7-35: an XC7A35T, for which there is synthesis and no bitstream.

Xilinx DS180: 20800 LUTs, 50 block RAMs of 36 kbit, each of which is two of 18, and 90 DSP slices.
"""

from dataclasses import replace

from qhw.targets import target
from qhw.targets.boards import Board, Programmer

CHIP = replace(target("xc7"), luts=20800, brams=100, dsps=90,
               about="Xilinx XC7A35T, synthesis and estimates only")
BOARD = Board(
    "arty-a7", CHIP, 100, "Digilent Arty A7-35",
    platform="amaranth_boards.arty_a7:ArtyA7_35Platform",
    programmers=(Programmer("openFPGALoader", ("-b", "arty_a7_35t", "-m"),
                            ("-b", "arty_a7_35t", "-f")),),
    usb="0403:6010", link="USB, the second port of its FT2232H", baud=1_000_000,
    verified="synthesis")

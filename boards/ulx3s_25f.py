"""Radiona ULX3S with an LFE5U-25F."""

from qhw.flow.boards import Board
from qhw.flow.targets import target

BOARD = Board("ulx3s-25f", target("ecp5-25k"), 25, "Radiona ULX3S with an LFE5U-25F")

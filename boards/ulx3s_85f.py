"""Radiona ULX3S with an LFE5U-85F."""

from qhw.flow.boards import Board
from qhw.flow.targets import target

BOARD = Board("ulx3s-85f", target("ecp5-85k"), 25, "Radiona ULX3S with an LFE5U-85F")

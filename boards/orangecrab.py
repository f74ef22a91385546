"""OrangeCrab r0.2 with an LFE5U-25F."""

from qhw.flow.boards import Board
from qhw.flow.targets import target

BOARD = Board("orangecrab", target("ecp5-25k"), 48, "OrangeCrab r0.2 with an LFE5U-25F")

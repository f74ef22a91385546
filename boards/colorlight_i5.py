"""Colorlight i5 v7.0, a LED receiver module with an LFE5U-25F."""

from qhw.flow.boards import Board
from qhw.flow.targets import target

BOARD = Board("colorlight-i5", target("ecp5-25k"), 25, "Colorlight i5 v7.0, a LED receiver module")

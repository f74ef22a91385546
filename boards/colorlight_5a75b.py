"""Colorlight 5A-75B v7.0, a LED receiver card with an LFE5U-25F."""

from qhw.flow.boards import Board
from qhw.flow.targets import target

BOARD = Board("colorlight-5a75b", target("ecp5-25k"), 25,
              "Colorlight 5A-75B v7.0, a LED receiver card")

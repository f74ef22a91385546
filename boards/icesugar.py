"""Muse Lab iCESugar v1.5."""

from qhw.flow.boards import Board
from qhw.flow.targets import target

BOARD = Board("icesugar", target("ice40up5k"), 12, "Muse Lab iCESugar v1.5")

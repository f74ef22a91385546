"""Lattice iCE40-HX8K breakout board (iCE40HX8K-B-EVN)."""

from qhw.flow.boards import Board
from qhw.flow.targets import target

BOARD = Board("ice40-hx8k-evn", target("ice40hx8k"), 12, "Lattice iCE40HX8K-B-EVN")

"""1BitSquared iCEBreaker."""

from qhw.flow.boards import Board
from qhw.flow.targets import target

BOARD = Board("icebreaker", target("ice40up5k"), 12, "1BitSquared iCEBreaker")

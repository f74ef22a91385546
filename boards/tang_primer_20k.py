"""Sipeed Tang Primer 20K."""

from qhw.flow.boards import Board
from qhw.flow.targets import target

BOARD = Board("tang-primer-20k", target("gw2a-18"), 27, "Sipeed Tang Primer 20K")

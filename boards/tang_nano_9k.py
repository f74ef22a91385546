"""Sipeed Tang Nano 9K."""

from qhw.flow.boards import Board
from qhw.flow.targets import target

BOARD = Board("tang-nano-9k", target("gw1n-9c"), 27, "Sipeed Tang Nano 9K")

"""The board icesugar-pro: qhw's laws of boards."""

from qhw.testing import BoardLaws

from qhw_example.board import BOARD


class TestIcesugarPro(BoardLaws):
    board = BOARD

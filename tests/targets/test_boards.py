"""Every board has its file, a chip that qhw knows, and room for more than the link."""

import pytest

from qhw.errors import ModelError
from qhw.fold.goal import Goal, reach
from qhw.loaders import load
from qhw.lower import lower
from qhw.targets.boards import board, boards, place
from qhw.testing import BoardLaws


def test_boards_are_listed_by_name():
    names = [b.name for b in boards()]
    assert names == sorted(set(names))
    assert {"icebreaker", "icesugar", "ice40-hx8k-evn", "tinyfpga-bx", "ulx3s-25f", "ulx3s-85f",
            "orangecrab", "ecpix-5", "colorlight-5a75b", "colorlight-i5",
            "tang-nano-9k", "tang-primer-20k", "arty-a7"} <= set(names)


class TestEveryBoard(BoardLaws):
    @pytest.fixture(autouse=True, params=boards(), ids=lambda b: b.name)
    def _each(self, request):
        self.board = request.param

    def test_it_is_found_by_name(self):
        assert board(self.board.name) is self.board


def test_places():
    assert place(None, None).chip is None
    assert place("xc7", None).needed.name == "xc7"
    assert place(None, "icebreaker").needed.name == "ice40up5k"
    with pytest.raises(ModelError, match="give a target or a board"):
        _ = place(None, None).needed
    with pytest.raises(ModelError, match="not both"):
        place("xc7", "icebreaker")
    with pytest.raises(ModelError, match="Board 'icebraker' is not one of arty-a7, "):
        board("icebraker")


def test_the_link_keeps_its_share():
    graph, on = lower(load("digits-ternary")), board("icebreaker")
    _, known = reach(graph, Goal(cycles=4096), on.chip, on)
    assert known["limits"]["luts"] == int((on.chip.luts - on.reserve.luts) / (1 + known["margin"]))
    assert known["limits"]["brams"] == on.chip.brams - on.reserve.brams
    assert known["fps"] == pytest.approx(12e6 / known["cycles"])

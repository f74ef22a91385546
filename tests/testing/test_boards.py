"""Laws of boards can fail; tests/targets/test_boards.py has them for every board."""

from dataclasses import replace

import pytest

from qhw.targets.boards import board
from qhw.testing import BoardLaws


@pytest.mark.parametrize(("wrong", "law"), [
    ({"clock_mhz": 0.5}, "test_clock_and_link_are_possible"),
    ({"baud": 12_000_000}, "test_clock_and_link_are_possible"),
    ({"clock_mhz": 25}, "test_its_platform_has_the_pins"),
    ({"verified": "yes"}, "test_verified_is_a_word_of_the_guide"),
    ({"name": "unlisted"}, "test_it_is_listed_once")])
def test_a_board_that_is_wrong(wrong, law):
    laws = BoardLaws()
    laws.board = replace(board("icebreaker"), **wrong)
    with pytest.raises(AssertionError):
        getattr(laws, law)()

"""Steps of moves: paces, the least that follows, and costs that are found out."""

import numpy as np

from qhw.fold.trellis import Path
from tests.fold.moves import INF, move, steps, two


def test_paces_begin_at_the_slowest_of_the_fastest_moves():
    """The first step takes 2 cycles at least, the second 1; 1 is therefore no pace."""
    assert two().paces == [2, 3, 4]


def test_what_lies_ahead_is_the_least_that_follows():
    """In 3 cycles A is too slow; from b it is 1 LUT, from a 2, from the start 9 + 1."""
    ahead = two().ahead(3, np.array([[1], [0], [0]]))
    assert [place.tolist() for place in ahead] == [[[10]], [[2], [1]], [[0]]]
    ahead = two().ahead(2, np.array([[10], [0], [0]]))
    assert [place.tolist() for place in ahead] == [[[130]], [[20], [40]], [[0]]]
    assert two().ahead(1, np.array([[1], [0], [0]]))[0].tolist() == [[INF]]


def test_settling_says_whether_there_was_anything():
    one = steps({"start": [move("end", 1, 3, choice="a"), move("end", 1, 4, choice="b")]},
                {"end": [move("over", 1, 1, choice="a"), move("over", 1, 2, choice="c")]})
    one.guessed |= {"a": lambda: np.array([10., 1, 0]), "b": lambda: np.array([1., 1, 1])}
    assert one.settle(Path(["a", "c"], 1, np.zeros(3), True))
    assert one.steps[0].cost.tolist() == [[13, 1, 0], [4, 0, 0]]
    assert one.steps[1].cost.tolist() == [[11, 1, 0], [2, 0, 0]]
    assert not one.settle(Path(["a", "c"], 1, np.zeros(3), True)) and list(one.guessed) == ["b"]

"""Times of beats by hand: as early as can be, and as late as can be."""

import numpy as np
import pytest

from qhw.schedule import just_in_time, paced


@pytest.mark.parametrize(("gap", "want"), [(1, [0, 1, 5, 6]), (2, [0, 2, 5, 7])])
def test_beats_come_one_after_the_other(gap, want):
    assert paced(np.array([0, 0, 5, 1]), gap).tolist() == want


def test_just_in_time():
    assert just_in_time(np.array([3, 3, 9])).tolist() == [2, 3, 9]
    assert just_in_time(np.array([9, 3, 4])).tolist() == [2, 3, 4]

"""Five trits in a byte: round trips, and every value by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qhw.hw.storage import from_bytes, to_bytes


@given(st.lists(st.lists(st.integers(-1, 1), min_size=7, max_size=7), min_size=1, max_size=4))
def test_five_trits_in_a_byte(rows):
    packed = to_bytes(np.array(rows))
    assert packed.shape == (len(rows), 2) and packed.max() < 243
    assert from_bytes(packed, 7).tolist() == rows


def test_by_hand():
    """The first is the lowest digit, and -1 is 0: 0, 3**4 * 2, all ones; missing ones are 0."""
    rows = np.array([[-1] * 5, [-1, -1, -1, -1, 1], [1] * 5])
    assert to_bytes(rows).ravel().tolist() == [0, 162, 242]
    assert to_bytes(np.array([[1]])).ravel().tolist() == [2 + 3 + 9 + 27 + 81]

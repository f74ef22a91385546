"""Gaps between kept weights: worked numbers and round trips."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qhw.hw.storage import gaps_of, joined


def test_fillers_by_hand():
    """Gaps of two bits hold 3: the fifth zero is kept as a filler."""
    gaps, values = gaps_of(np.array([0, 7, 0, 0, 0, 0, 0, 9, 0]), 0, 2)
    assert gaps.tolist() == [1, 3, 1, 0] and values.tolist() == [7, 0, 9, 0]
    assert joined(gaps, values, 0).tolist() == [0, 7, 0, 0, 0, 0, 0, 9, 0]


@given(st.lists(st.sampled_from([0, 0, 0, 0, 1, 5]), min_size=1, max_size=80), st.integers(1, 4))
def test_gaps_are_lossless(codes, bits):
    gaps, values = gaps_of(np.array(codes), 0, bits)
    assert gaps.max() < 1 << bits
    assert joined(gaps, values, 0).tolist() == codes

"""Signs, with the error fed back."""

import numpy as np

from qhw.codecs import OneBit


def test_one_bit_by_hand():
    """Seide et al.: 0 is of the upper half; the scale, 10 / 4, is rounded down, and what it leaves
    of each is added to the next."""
    codec = OneBit(4)
    signs, scale = codec.encode(np.array([0, 5, -4, 1]))
    assert (signs.tolist(), scale) == ([1, 1, 0, 1], 2)
    assert codec.decode(signs, scale).tolist() == [2, 2, -2, 2]
    assert codec.error.tolist() == [-2, 3, -2, -1]
    signs, scale = codec.encode(np.array([2, -3, 1, 9]))
    assert (signs.tolist(), scale) == ([1, 1, 0, 1], 2)
    assert codec.error.tolist() == [-2, -2, 1, 6]


def test_errors_are_fed_back():
    """Whatever came, what went out is that less what is still owed."""
    rng, codec = np.random.default_rng(1), OneBit(20)
    came, went = np.zeros(20, int), np.zeros(20, int)
    for _ in range(300):
        g = rng.integers(-100, 101, 20)
        came, went = came + g, went + codec.decode(*codec.encode(g))
        assert np.array_equal(came - went, codec.error)
    assert np.abs(codec.error).max() < 20 * 100

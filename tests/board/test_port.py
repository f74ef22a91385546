"""The noise on a simulated cable: which bytes change, and how many."""

import numpy as np
import pytest

from qhw.board.port import Noise

SENT = bytes(range(256)) * 40




@pytest.mark.parametrize(("drawn", "got"), [
    ([0.9, 0.5, 0.31, 0.3], [10, 20, 30, 40]),  # from the rate of 0.3 on nothing happens
    ([0.0999, 0.9, 0.9, 0.9], [10 ^ 7, 20, 30, 40]),    # below a third of it a byte changes
    ([0.9, 0.1001, 0.9, 0.9], [10, 20, 99, 30, 40]),    # then one is made up behind it
    ([0.9, 0.1999, 0.9, 0.9], [10, 20, 99, 30, 40]),
    ([0.9, 0.9, 0.2001, 0.9], [10, 20, 40]),    # and then it is lost
    ([0.9, 0.9, 0.9, 0.2999], [10, 20, 30]),
])
def test_thirds_of_the_rate(drawn, got):
    noise = Noise(0.3)

    class Random:
        def random(self, count):
            return np.array(drawn[:count])

        def integers(self, low, high=None):
            """A change is never by 0; what is made up is any byte."""
            if high is None:
                assert low == 256
                return 99
            assert (low, high) == (1, 256)
            return 7
    noise.random = Random()
    assert list(noise(bytes([10, 20, 30, 40]))) == got


def test_the_same_seed_gives_the_same_noise():
    assert Noise(0.1, 3)(SENT) == Noise(0.1, 3)(SENT) != Noise(0.1, 4)(SENT)
    assert Noise(0.1)(SENT) == Noise(0.1, 0)(SENT)
    assert Noise(1e-9)(SENT) == SENT

"""Running parities, by hand, by bit planes, and in gates."""

import numpy as np
import pytest

from qhw.exact.num import BIT, Int
from qhw.pe import BitPlanes, Parities

from .sums import agree, drawn, sums


def test_falls_by_hand():
    """Products 1, 1, 0, 1, 1: parities 1, 0, 0, 1, 0, which end at 0 and fall twice."""
    x, w = [1, 0, 1, 0, 1], np.array([1, 0, 0, 0, 1])
    element = Parities()
    parities = np.array(element.received(x)) ^ element.stored(w)
    assert parities.tolist() == [1, 0, 0, 1, 0]
    falls = ((parities[:-1] == 1) & (parities[1:] == 0)).sum()
    assert parities[-1] + 2 * falls == sum(a == b for a, b in zip(x, w, strict=True)) == 4


def test_every_weight_times_every_activation():
    """All codes of five lanes, and all activations."""
    every = np.arange(32)[:, None] >> np.arange(5) & 1
    codes, xs = np.repeat(every, 32, axis=0), np.tile(every, (32, 1))
    want = ((2 * codes - 1) * xs).sum(1)
    assert sums(Parities(), codes[:, None], xs, BIT).ravel().tolist() == want.tolist()


@pytest.mark.parametrize("lanes", [1, 2, 3, 15, 16, 17, 32, 33, 50, 67])
def test_any_number_of_lanes(lanes):
    agree(Parities(), BIT, lanes)
    codes, xs = drawn(Parities(), BIT, lanes)
    assert np.array_equal(sums(Parities(), codes, xs, BIT), sums(BitPlanes(), codes, xs, BIT))


@pytest.mark.parametrize("x", [Int(0, 3), Int(-8, 7), Int(-3, 2), Int(3, 6)], ids=str)
@pytest.mark.parametrize("bits", [1, 2, 3])
def test_planes_of_weights_and_activations(bits, x):
    agree(Parities(bits), x, 5)


@pytest.mark.parametrize("lanes", range(1, 40))
def test_parities_begin_again_every_16_lanes(lanes):
    x = np.random.default_rng(lanes).integers(0, 4, lanes)
    want = [np.bitwise_xor.reduce(x[k // 16 * 16:k + 1]) for k in range(lanes)]
    assert Parities().received(x.tolist()) == want
    for first in range(lanes):
        assert Parities().received([want[first], *x[first + 1:].tolist()], first) == want[first:]
    assert Parities(2).stored(x ^ 3).tolist() == want

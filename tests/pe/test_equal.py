"""What must come to the same, in gates: the same sums from different families."""

import numpy as np
import pytest

from qhw.exact.formats import Power
from qhw.exact.num import BIT, Int
from qhw.pe import BitPlanes, ShiftAdd, Tile
from qhw.testing.schemes import item
from qhw.testing.stream import run

from .sums import sums

XS = (BIT, Int(0, 3), Int(-8, 7))
LANES, COUNT = 5, 40


def random(x, codes):
    rng = np.random.default_rng(7)
    return rng.choice(codes, (COUNT, 2, LANES)), rng.integers(x.lo, x.hi + 1, (COUNT, LANES))


@pytest.mark.parametrize("x", XS, ids=str)
def test_one_term_without_a_shift_is_one_bit_plane(x):
    signs, xs = random(x, np.array([0, 1]))
    term = Power(1, zero=False)
    codes = term.encode(np.zeros(signs.shape), signs == 0, np.ones(signs.shape, bool))
    shift, plane = ShiftAdd((term,)), BitPlanes()
    want = np.einsum("npi,ni->np", 2 * signs - 1, xs)
    assert np.array_equal(sums(plane, signs, xs, x)[:, :, 0], want)
    assert np.array_equal(sums(shift, codes, xs, x)[:, :, 0], want)


@pytest.mark.parametrize("x", XS, ids=str)
@pytest.mark.parametrize(("bits", "alphabet"), [(1, "signs"), (2, "signs"), (3, "twos")])
def test_planes_of_activations_are_whole_activations(bits, alphabet, x):
    """QNN: an XNOR or AND and a popcount for each pair of planes, and their weighted sum."""
    codes, xs = random(x, np.arange(1 << bits))
    assert np.array_equal(*(sums(BitPlanes(bits, alphabet, words=words), codes, xs, x)
                            for words in (False, True)))


def test_bit_planes_by_hand():
    """Hubara et al., QNN: x = [3, 0, 2, 1, 1] in two bits, plane sums 1 and 2, together 5."""
    x, w = np.array([3, 0, 2, 1, 1]), np.array([[1, 0, 1, 0, 1]])
    planes = [int((2 * w - 1)[0] @ (x >> j & 1)) for j in range(2)]
    assert planes == [1, 2]
    element = BitPlanes(words=False)
    tile = Tile(element, Int(0, 3), 5, 1)
    got, = run(tile, [item(element, x, w)])
    assert got[0] + element.rest(w, Int(0, 3))[0, 0] == planes[0] + 2 * planes[1] == 5

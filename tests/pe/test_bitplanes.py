"""Planes of signs and of two's complement, by hand and in gates."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.pe import BitPlanes

from .sums import agree, drawn, sums


@pytest.mark.parametrize(("element", "want"), [
    (BitPlanes(2), [-3, -1, 1, 3]), (BitPlanes(2, "twos"), [0, 1, -2, -1]),
    (BitPlanes(1), [-1, 1]), (BitPlanes(3, "twos"), [0, 1, 2, 3, -4, -3, -2, -1])])
def test_what_codes_stand_for(element, want):
    assert element.weights(element.codes[:, None]).ravel().tolist() == want


def test_a_narrow_code_has_no_lowest_number():
    element = BitPlanes(3, "twos", narrow=True)
    assert 4 not in element.codes and len(element.codes) == 7


@pytest.mark.parametrize("x", [Int(0, 1), Int(0, 5), Int(-8, 7)], ids=str)
@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize(("bits", "alphabet"), [(1, "signs"), (3, "signs"), (2, "twos")])
def test_in_gates(bits, alphabet, words, x):
    agree(BitPlanes(bits, alphabet, words=words), x, 5)


def test_planes_of_weights_stay_apart():
    element = BitPlanes(2, export="weights")
    assert element.parts == 2
    agree(element, Int(-4, 3), 4)


def test_planes_of_activations_are_signs():
    """1 and 0 are +1 and -1 in each plane of x: 2 is +1 above -1."""
    element = BitPlanes(export="activations", x_planes=2)
    codes, xs = drawn(element, Int(0, 3), 5)
    signs = 2 * (xs[:, None] >> np.arange(2)[:, None] & 1) - 1
    want = np.einsum("noi,npi->nop", 2 * codes - 1, signs)
    assert np.array_equal(sums(element, codes, xs, Int(0, 3)), want)

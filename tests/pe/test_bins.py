"""Activations added up by weight code, by hand and in gates."""

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.pe import Bins

from .sums import agree, sums

OP = Bins(2, (1, 3), (0,))


def test_by_hand():
    """Codes 1, 3, 1, 0 of inputs 5, 2, -3, 7: 5 - 3 in the first bin and 2 in the second."""
    codes, xs = np.array([[[1, 3, 1, 0]]]), np.array([[5, 2, -3, 7]])
    assert OP.weights(codes[0]).tolist() == [[[1, 0, 1, 0], [0, 1, 0, 0]]]
    assert sums(OP, codes, xs, Int(-8, 7)).tolist() == [[[2, 2]]]


def test_codes_in_use():
    assert (OP.codes.tolist(), OP.parts) == ([0, 1, 3], 2)


@pytest.mark.parametrize("x", [Int(0, 1), Int(0, 5), Int(-8, 7)], ids=str)
def test_in_gates(x):
    agree(OP, x, 5)

"""Sums of shifted activations, by hand and in gates, with and without the shared expansion."""

import numpy as np
import pytest

from qhw.exact.formats import Power
from qhw.exact.num import Int
from qhw.pe import ShiftAdd

from .sums import agree, sums

TERMS = (Power(3), Power(2, 1))


def test_by_hand():
    """4 and 2, of the codes 1 of three powers and 2 | 0 of two: 6 times 5."""
    element = ShiftAdd(TERMS)
    code = int(TERMS[0].encode(np.array(2), np.array(False), np.array(True))
               | TERMS[1].encode(np.array(1), np.array(False), np.array(True)) << TERMS[0].bits)
    assert element.weights(np.array([[code]])).tolist() == [[[4 + 2]]]
    assert sums(element, np.array([[[code]]]), np.array([[5]]), Int(0, 7)).tolist() == [[[30]]]


def test_codes_are_those_of_both_terms():
    element = ShiftAdd(TERMS)
    assert len(element.codes) == len(TERMS[0].codes) * len(TERMS[1].codes)
    assert element.bits == TERMS[0].bits + TERMS[1].bits == element.places[-1]


@pytest.mark.parametrize("expand", [False, True])
@pytest.mark.parametrize("x", [Int(0, 1), Int(0, 5), Int(-8, 7)], ids=str)
@pytest.mark.parametrize("terms", [TERMS, (Power(1, zero=False),), (Power(4, 2),)], ids=str)
def test_in_gates(terms, x, expand):
    agree(ShiftAdd(terms, expand), x, 3)

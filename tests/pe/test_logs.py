"""Weights shifted by activations that are powers of two: every pair of codes, in gates."""

import numpy as np
import pytest

from qhw.exact.formats import Power
from qhw.pe import Logs

from .sums import sums

VALUES = np.array([0, 3, -5, 1])


@pytest.mark.parametrize("form", [Power(3), Power(4), Power(2, 1, zero=False),
                                  Power(3, signed=False)], ids=str)
def test_every_pair(form):
    element = Logs(VALUES, np.arange(4), form)
    w, x = (v.ravel() for v in np.meshgrid(element.codes, form.codes))
    want = VALUES[w] * form.decode(x)
    assert np.array_equal(sums(element, w[:, None, None], x[:, None], form).ravel(), want)


def test_only_codes_in_use():
    element = Logs(VALUES, np.array([1, 3]), Power(3))
    assert (element.codes.tolist(), element.bits) == ([1, 3], 2)
    assert element.weights(np.array([[1, 3]])).tolist() == [[[3, 1]]]

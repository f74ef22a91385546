"""Rectifiers."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.cut import Cut
from qhw.layers import Relu
from tests.layers.stored import made

F = Fraction


def test_by_hand():
    assert Relu().evaluate(np.array([[-2., -0.5, 0, 0.5, 3]])).tolist() == [[0, 0, 0, 0.5, 3]]
    assert made("relu") == Relu() and Relu.alike


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("t", [F(-1), F(0), F(1, 2), F(3)])
def test_cuts_say_of_the_input_what_they_said_of_the_output(t, strict):
    cut = Relu().pull(Cut(t, strict), 0)
    for v in (F(-2), F(0), F(1, 2), F(1), F(3), F(4)):
        assert cut.holds(v) == (max(v, 0) > t if strict else max(v, 0) >= t)

"""Integers move below their scales, and are requantized as they are."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.layers import Input, Quantize, Reshape
from qhw.lower import lower
from qhw.ops import Requantize, Take
from qhw.simulators.golden import evaluate, golden

from .chains import chain, two

W = np.array([[1, 1], [1, 0], [3, 1], [0, 1]])
"""Two-bit weights 1, 1; 1, 0; -1, 1; 0, 1."""
X = np.array([[0, 3], [2, 1], [3, 3]])


@pytest.mark.parametrize("op", [Reshape((2, 2)), Take(1, 2)])
@pytest.mark.parametrize("scale", [np.array(.5), np.array([.5, 1, 2, .25])])
def test_what_is_moved_is_worth_the_same(op, scale):
    """Also where the channels that come together have several scales."""
    graph = chain(Input((2,), Int(0, 3)), two(W, scale), op, Quantize(Int(-8, 7), Fraction(1, 4)))
    assert np.array_equal(golden(lower(graph), X)["l3"], evaluate(graph, X)["l3"])


def requantized(scale, bias):
    return chain(Input((2,), Int(0, 3)), two(W, np.array(scale), np.full(4, bias)),
                 Requantize(np.full(4, 3), np.zeros(4, int), 1, Int(-64, 63)))


def test_whole_biases_are_multiplied_too():
    """(0 + 3 + 2) * 3 / 2 is 7.5, and half goes up."""
    assert golden(lower(requantized(1., 2.)), X)["l2"][0, 0] == 8


@pytest.mark.parametrize(("scale", "bias"), [(.5, 0.), (1., .5)])
def test_fractions_cannot_be_requantized(scale, bias):
    with pytest.raises(ModelError, match="it takes whole numbers, and those of 'l1' have a scale"):
        lower(requantized(scale, bias))

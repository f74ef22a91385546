"""Shapes and formats of numbers, by hand."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.errors import ModelError
from qhw.exact.formats import Power
from qhw.exact.num import Int
from qhw.graph import Tensor

HALVES = Tensor((2, 3), Int(-4, 3), Fraction(1, 2), Fraction(1))
POWERS = Tensor((4,), Int(0, 15), Fraction(1, 4), coded=Power(7))


def test_sizes():
    assert (HALVES.size, HALVES.channels, Tensor(()).size, POWERS.channels) == (6, 3, 1, 4)


def test_codes_are_scaled_around_their_zero():
    assert HALVES.real(np.array([[-4, 0, 1, 3]])).tolist() == [[-2.5, -.5, 0, 1]]
    assert HALVES.line == (Fraction(1, 2), Fraction(-1, 2))
    assert HALVES.integers(np.array([3])).tolist() == [3]
    assert HALVES.wire == HALVES.value == HALVES.integer == Int(-4, 3)


def test_other_codes_are_decoded():
    """Three bits of magnitude below a sign: 1 is the largest power of seven."""
    codes = np.array([0, 1, 7, 9])
    assert POWERS.integers(codes).tolist() == [0, 64, 1, -64]
    assert POWERS.real(codes).tolist() == [0, 16, .25, -16]
    assert POWERS.wire is POWERS.coded and POWERS.value == Int(-64, 64)
    assert POWERS.integer == Int(0, 15)


def test_a_real_tensor_has_no_codes():
    assert Tensor((1,)).codes is None
    with pytest.raises(ValueError, match="A real tensor has no codes"):
        _ = Tensor((1,)).integer


def test_channels_that_are_needed():
    HALVES.needs_channels(3, "gains")
    with pytest.raises(ModelError, match="its gains are for 2 channels, and its input has 3"):
        HALVES.needs_channels(2, "gains")

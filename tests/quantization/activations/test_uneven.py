"""Levels by hand."""

import numpy as np
import pytest

from qhw.quantization.activations import parse_activation


def levels(form, lo, hi, x):
    made = parse_activation(form).quantizer(lo, hi)
    return made.format.real(made.evaluate(np.array(x))).tolist()


def test_half_waves_end_where_is_clipped():
    """Steps of 2 up to 6; ties go down."""
    assert levels("hwgq:bits=2", -9, 6, [-3, 0, 0.5, 3, 3.5, 5.5, 9]) == [0, 0, 2, 2, 4, 6, 6]


@pytest.mark.parametrize(("hi", "largest"), [(8, 8), (11, 8), (12, 16), (0.3, 0.25)])
def test_powers_end_nearest_to_where_is_clipped(hi, largest):
    """By the logarithm, so 8 * sqrt(2) = 11.3 is the middle; two bits have three powers."""
    found = levels("log:bits=2", 0, hi, [hi, largest / 2, largest / 4, largest / 8, 0])
    assert found == [largest, largest / 2, largest / 4, 0, 0]


def test_powers_have_signs_for_negative_numbers():
    assert levels("log:bits=2", -4, 1, [-4, -1, 0, 2]) == [-4, -1, 0, 2]


def test_small_floats_have_their_own_range():
    for hi in (1, 100):
        assert levels("minifloat", 0, hi, [1, -2.5]) == [1, -2.5]

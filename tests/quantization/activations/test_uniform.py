"""Even steps by hand."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.exact.num import Int
from qhw.layers import Quantize
from qhw.quantization.activations import parse_activation


@pytest.mark.parametrize(("form", "lo", "hi", "made"), [
    ("u8", 0, 2.55 / 2.55 * 127.5, Quantize(Int(0, 255), Fraction(1, 2))),
    ("u4", 3, 30, Quantize(Int(0, 15), Fraction(2))),
    ("u4", -10, 20, Quantize(Int(0, 15), Fraction(2), 5)),
    ("u4", -30, -10, Quantize(Int(0, 15), Fraction(2), 15)),
    ("s4", 0, 14, Quantize(Int(-8, 7), Fraction(2))),
    ("s4", -14, 1, Quantize(Int(-8, 7), Fraction(2))),
    ("s4:power=1", -14, 11, Quantize(Int(-8, 7), Fraction(2))),
    ("s4:power=1", -14.5, 11, Quantize(Int(-8, 7), Fraction(4))),
    ("u1", 0, 3, Quantize(Int(0, 1), Fraction(3))),
    ("u8", 0, 0, Quantize(Int(0, 255), Fraction(1)))])
def test_the_quantizer_of_an_interval(form, lo, hi, made):
    assert parse_activation(form).quantizer(lo, hi) == made


@pytest.mark.parametrize("form", ["u8", "s8", "u3", "s2"])
def test_the_interval_is_not_clipped(form):
    """Its ends are off by half a step at most."""
    for hi in (1e-3, 0.77, 3.14159, 1e5):
        made = parse_activation(form).quantizer(-hi if form[0] == "s" else 0, hi)
        ends = np.array([-hi if form[0] == "s" else 0, hi])
        assert np.abs(made.format.real(made.evaluate(ends)) - ends).max() <= made.scale / 2

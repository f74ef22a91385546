"""Formats of an input in a few words."""

from fractions import Fraction

import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.loaders.onnx.input_format import parse_format


@pytest.mark.parametrize(("text", "interval", "scale", "zero"), [
    ("u8", Int(0, 255), 1, 0), ("u16", Int(0, 65535), 1, 0), ("s1", Int(-1, 0), 1, 0),
    ("s4:scale=1/3", Int(-8, 7), Fraction(1, 3), 0),
    ("0..16:zero=3,scale=0.25", Int(0, 16), Fraction(1, 4), 3)])
def test_input_formats(text, interval, scale, zero):
    found = parse_format(text)
    assert (found.codes, found.scale, found.zero) == (interval, scale, zero)


@pytest.mark.parametrize("text", ["u0", "u17", "s17", "x8", "u8:scale=0", "u8:step=1", "5..2",
                                  "s8:scale=1/0", "s8:scale=1e999999999", "u8:zero=1e999999999"])
def test_wrong_input_formats(text):
    with pytest.raises(ModelError, match=f"Input format '{text}'"):
        parse_format(text)

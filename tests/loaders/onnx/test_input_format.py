"""Formats of an input in a few words."""

from fractions import Fraction

import pytest

from qhw.errors import ModelError
from qhw.exact.num import Int
from qhw.loaders.onnx.input_format import annotated, parse_format


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


@pytest.mark.parametrize(("text", "interval", "scale"), [
    ("UINT8", Int(0, 255), 1), ("INT4", Int(-8, 7), 1), ("UINT1", Int(0, 1), 1),
    ("INT16", Int(-32768, 32767), 1), ("BINARY", Int(0, 1), 1), ("TERNARY", Int(-1, 1), 1),
    ("FIXED<8,3>", Int(-128, 127), Fraction(1, 32)), ("FIXED<4,6>", Int(-8, 7), 4)])
def test_types_of_qonnx(text, interval, scale):
    """Of 8 bits with 3 before the point 5 are behind it."""
    found = annotated(text)
    assert found is not None and (found.codes, found.scale, found.zero) == (interval, scale, 0)


@pytest.mark.parametrize("text", ["", "FLOAT32", "INT32", "UINT0", "BIPOLAR", "SCALEDINT<8>",
                                  "FIXED<0,0>", "FIXED<8,99999>", "xINT8"])
def test_types_without_known_integers(text):
    assert annotated(text) is None

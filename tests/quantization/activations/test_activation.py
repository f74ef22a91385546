"""Formats by their names, and scales of few bits."""

from fractions import Fraction

import pytest

from qhw.quantization.activations import activations, parse_activation
from qhw.quantization.activations.activation import rounded
from qhw.quantization.activations.uniform import Signed, Unsigned


def test_every_format_has_its_source():
    assert {*activations} == {"u", "s", "sign", "ternary", "hwgq", "log", "minifloat", "residual"}
    assert all("arXiv" in kind.citation and kind.about for kind in activations.values())


@pytest.mark.parametrize("name", activations)
def test_texts_are_read_back(name):
    form = activations[name]()
    assert parse_activation(str(form)) == form and form.code_bits >= 1


def test_short_names():
    assert parse_activation("u4") == Unsigned(4) and parse_activation("s8") == Signed(8)
    assert parse_activation("u4:power=1") == Unsigned(4, 1)


@pytest.mark.parametrize(("text", "said"), [
    ("u9", "bits should be from 1 to 8, not 9"), ("relu", "it should be u8, s8 with any number"),
    ("hwgq:steps=2", r"hwgq has no parameter 'steps' \(it has bits\)"),
    ("log:bits=x", "bits should be a whole number"), ("sign:bits=1", "it has none")])
def test_what_is_no_format(text, said):
    with pytest.raises(ValueError, match=said):
        parse_activation(text)


@pytest.mark.parametrize(("scale", "expected"), [
    (0.5, Fraction(1, 2)), (255, Fraction(255)), (255.1, Fraction(256)), (257, Fraction(258)),
    (0.01, Fraction(164, 1 << 14)), (0, Fraction(1))])
def test_scales_are_rounded_up_to_eight_bits(scale, expected):
    assert rounded(scale) == expected

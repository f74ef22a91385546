"""Activations by their words."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra qhw[train]")

from qhw.train.words import activation


@pytest.mark.parametrize(("word", "tables"), [
    ("u4", [{"type": "quantize", "bits": 4, "scale": 137 / 1024}]),
    ("s2", [{"type": "quantize", "bits": 2, "signed": True, "scale": 2.0}]),
    ("sign", [{"type": "sign"}]), ("hwgq", [{"type": "hwgq", "bits": 2, "step": .53125}]),
    ("log:bits=2,signed=1", [{"type": "log", "bits": 2, "full_scale": 0, "signed": True}]),
    ("minifloat:mantissa=2", [{"type": "minifloat", "exponent": 4, "mantissa": 2}]),
    ("residual", [{"type": "residual", "scales": [1.0, .5]}]),
    ("dynamic_residual:planes=2", [{"type": "quantize", "bits": 8, "signed": True,
                                    "scale": 2.015625 / 128}, {"type": "residual", "planes": 2}]),
    ("block_float:bits=4", [{"type": "quantize", "bits": 8, "signed": True,
                             "scale": 2.015625 / 128}, {"type": "block_float", "bits": 4}])])
def test_words_and_their_tables(word, tables):
    assert activation(word).tables() == tables


@pytest.mark.parametrize(("word", "said"), [
    ("u9", "it should be u1 to u8"), ("s1", "There must be 2 to 8 bits"), ("relu", "it should be"),
    ("log:base=2", "'base=2' should be one of bits=3, signed=0"),
    ("log:bits=9", "less than or equal to 4"), ("sign:x=1", "should be one of none"),
    ("hwgq:bits=x", "'bits=x' should be")])
def test_other_words_are_refused_in_a_line(word, said):
    with pytest.raises(ValueError, match=said) as e:
        activation(word)
    assert "\n" not in str(e.value)

"""Schemes of layers as text."""

import numpy as np
import pytest

import qhw
from qhw.errors import ModelError
from qhw.quantization.texts import (
    in_schemes,
    mixed,
    requantized,
    split_activations,
    split_schemes,
    texts,
)
from qhw.schemes import parse, schemes
from qhw.schemes.binary import Binary
from qhw.schemes.fixed import Fixed
from tests.tiny import write_tiny


@pytest.fixture
def tiny(tmp_path):
    return write_tiny(tmp_path / "tiny")


@pytest.mark.parametrize(("text", "found"), [
    ("binary", ["binary"]),
    ("binary,inq", ["binary", "inq"]),
    ("shiftcnn:terms=2,bits=4,inq", ["shiftcnn:terms=2,bits=4", "inq"]),
    ("fc1=shiftcnn:terms=2,bits=4,fc2=inq", ["fc1=shiftcnn:terms=2,bits=4", "fc2=inq"]),
    ("fc1=inq,fc2=fixed:bits=3", ["fc1=inq", "fc2=fixed:bits=3"]),
    ("all,fixed:bits=3", [*schemes, "fixed:bits=3"])])
def test_lists_of_schemes(text, found):
    assert split_schemes(text) == found


def test_mixes(tiny):
    graph = qhw.load(tiny)
    assert in_schemes(graph, "fc1=inq,fc2=fixed:bits=3") == {
        "fc1": parse("inq"), "fc2": parse("fixed:bits=3")}
    assert in_schemes(graph, "inq,fc2=binary") == {"fc1": parse("inq"), "fc2": parse("binary")}
    assert in_schemes(qhw.load("digits-ternary"), "fc2=binary") == {"fc2": parse("binary")}


@pytest.mark.parametrize(("text", "says"), [
    ("fc1=inq", "layer 'fc2' has no scheme"),
    ("fc9=inq", "no layer with weights is called 'fc9' \\(fc1, fc2\\)"),
    ("fc1=inq,fc2=binry", "Input should be a scheme"),
    ("binry", "Input should be a scheme"),
    ("fixed:bit=3", "has no parameter 'bit'"),
    ("fixed:bits=99", "2 to 16 bits, not 99"),
    ("", "no scheme to try")])
def test_what_is_no_scheme(text, says, tiny):
    with pytest.raises(ModelError, match=says):
        qhw.compare(tiny, "xc7", "" if not text else "binary", mixes=[text] if text else [])


def test_weights_are_quantized_anew():
    """Fixed point of 2 bits has the values of ternary weights, so every answer stays; the graph is
    no more that of the file."""
    graph = qhw.load("digits-ternary")
    again = requantized(graph, "fixed:bits=2")
    assert graph.source and not again.source
    x = np.random.default_rng(0).integers(0, 17, (30, 64))
    assert (qhw.simulate(again, x).y == qhw.simulate(graph, x).y).all()
    assert (qhw.simulate(requantized(graph, "binary"), x).y != qhw.simulate(graph, x).y).any()


@pytest.mark.parametrize(("text", "found"), [
    ("", []), ("u8", ["u8"]), ("u8,log:bits=3,s4", ["u8", "log:bits=3", "s4"]),
    ("minifloat:exponent=4,mantissa=3,u4", ["minifloat:exponent=4,mantissa=3", "u4"])])
def test_lists_of_formats(text, found):
    assert split_activations(text) == found


@pytest.mark.parametrize(("given", "found"), [
    ("binary,inq", ["binary", "inq"]), (Fixed(3), ["fixed:bits=3"]),
    ([Fixed(3), "binary,shiftcnn:terms=2,bits=4", Binary()],
     ["fixed:bits=3", "binary", "shiftcnn:terms=2,bits=4", "binary"]), ([], [])])
def test_objects_and_texts(given, found):
    assert texts(given) == found


def test_schemes_by_layer():
    assert mixed("fc1=inq") == "fc1=inq"
    assert mixed({"fc1": Fixed(3, narrow=False), "fc2": "inq"}) == (
        "fc1=fixed:bits=3,narrow=False,fc2=inq")


def test_a_mapping_says_what_its_text_says(tiny):
    graph = qhw.load(tiny)
    found = in_schemes(graph, mixed({"fc1": Fixed(3, narrow=False), "fc2": "binary"}))
    assert found == {"fc1": Fixed(3, narrow=False), "fc2": Binary()}

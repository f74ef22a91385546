"""Networks as they are read: quantized first, and inspected."""

import numpy as np
import pytest

import qhw
from qhw.schemes.binary import Binary
from qhw.schemes.fixed import Fixed


def schemes(graph):
    return {n.name: n.op.scheme for n in graph.nodes if hasattr(n.op, "scheme")}


def test_texts_and_objects_say_the_same():
    """An object, its text, and schemes by layer."""
    layers = ("fc1", "fc2", "fc3")
    want = dict.fromkeys(layers, Fixed(3))
    assert schemes(qhw.load("digits-float", scheme=Fixed(3))) == want
    assert schemes(qhw.load("digits-float", scheme="fixed:bits=3")) == want
    mixed = {"fc1": Fixed(3), "fc2": "binary", "fc3": Binary()}
    got = qhw.load("digits-float", scheme=mixed)
    assert schemes(got) == {"fc1": Fixed(3), "fc2": Binary(), "fc3": Binary()}
    text = qhw.load("digits-float", scheme="fixed:bits=3,fc2=binary,fc3=binary")
    for a, b in zip(got.nodes, text.nodes, strict=True):
        if hasattr(a.op, "weights"):
            assert np.array_equal(a.op.weights.codes, b.op.weights.codes)


def test_quantize_takes_objects(tmp_path):
    made = qhw.quantize("digits-float", Fixed(3), tmp_path / "q", layers={"fc2": Binary()})
    text = qhw.quantize("digits-float", "fixed:bits=3", tmp_path / "t", layers={"fc2": "binary"})
    assert made == text and made.scheme == "fixed:bits=3"
    assert "<td>fc2</td><td>binary:scale=mean</td>" in made._repr_html_()


@pytest.mark.parametrize("more", [{"per_tensor": True}, {"method": "kl"},
                                  {"calibration": np.zeros((1, 64))}])
def test_options_of_quantization_alone_are_refused(more):
    with pytest.raises(qhw.ModelError, match="go with a scheme or activations"):
        qhw.load("digits-float", **more)


def test_inspection():
    good = qhw.inspect("digits-binary")
    assert good.fault is None and good.wrong == ()
    assert "<td>fc1</td><td>dense</td>" in good._repr_html_()
    bad = qhw.inspect("digits-float")
    assert "digits-float" in bad.fault and bad.wrong == ()
    with pytest.raises(qhw.ModelError, match="no such folder"):
        qhw.inspect("digits-flaot")

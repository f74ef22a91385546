"""Constants and flows while a graph is read."""

from fractions import Fraction

import numpy as np
import pytest

from qhw.loaders.onnx.values import Constant, Flow, Unsupported, claimed


@pytest.mark.parametrize(("values", "bits", "fits"), [
    ([-8, 15], 4, True), ([-9, 0], 4, False), ([0, 16], 4, False), ([-9, 16], None, True),
    ([-1, 1], 1, True), ([0, 2], 1, False), ([-2, 0], 1, False)])
def test_what_an_exporter_claims(values, bits, fits):
    """Of 4 bits: from -8 as signed numbers have it, to 15 as unsigned ones."""
    if fits:
        claimed(np.array(values), bits, "weights")
        return
    with pytest.raises(Unsupported, match=rf"its weights .* does not fit the {bits} bits"):
        claimed(np.array(values), bits, "weights")


@pytest.mark.parametrize(("value", "fits"), [
    ([3., -2], True), ([3, .5], False), ([.5, 3], False), ([2. ** 31 - 1, 0], True),
    ([2. ** 31, 0], False), ([0, -2. ** 31], False)])
def test_numbers_without_a_quantizer_that_are_weights(value, fits):
    """Whole numbers below 2**31."""
    constant = Constant(np.array(value))
    if fits:
        integers, scale = constant.weights
        assert integers.tolist() == value and scale.tolist() == [1, 1]
        return
    assert constant.weights is None and constant.floats.tolist() == value


@pytest.mark.parametrize(("name", "layer"), [
    ("fc1.weight", "fc1"), ("a.0.weight", "a.0"), ("net/fc/kernel:0", "net/fc"), ("w", ""),
    ("weight", ""), ("fc1.weights", "")])
def test_the_layer_of_weights(name, layer):
    assert Constant(np.ones(1), name=name).moved(lambda a: a * 2).layer == layer


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1e39])
def test_float_weights_are_bounded(bad):
    with pytest.raises(Unsupported, match="not finite, or reach more than"):
        _ = Constant(np.array([.5, bad])).floats


def test_a_quantized_constant_moves_whole():
    constant = Constant.quantized(np.array([[1, -2], [3, 4]]), np.array([.5, 2]))
    moved = constant.moved(lambda a: a.T)
    assert moved.value.tolist() == [[.5, 1.5], [-4, 8]]
    assert [a.tolist() for a in moved.weights] == [[[1, 3], [-2, 4]], [[.5, .5], [2, 2]]]
    plain = Constant(np.array([[1., 2]])).moved(lambda a: a.T)
    assert plain.integers is None and plain.scale is None and plain.value.shape == (2, 1)


def test_scales_of_a_quantized_constant_are_of_its_shape():
    constant = Constant.quantized(np.array([[1, -2], [3, 4]]), np.array([[.5], [2]]))
    assert constant.value.tolist() == [[.5, -1], [6, 8]]
    assert constant.scale.tolist() == [[.5, .5], [2, 2]]


def test_flows_have_onnxs_shape():
    flow = Flow("a", np.array([[3, 1, 2]]), (Fraction(1, 2), Fraction(3)), True)
    assert flow.shape == (1, 3)
    moved = flow.at("b")
    assert (moved.node, moved.codes, moved.whole) == ("b", flow.codes, True)
    assert moved.places is flow.places and not Flow("a", flow.places).whole


def test_what_would_help():
    assert (str(Unsupported("so", "thus")), Unsupported("so", "thus").help) == ("so", "thus")
    assert Unsupported("so").help == ""

"""Classifiers that end in a softmax, quantized as ONNX Runtime's quantizer leaves them."""

import numpy as np
import pytest
from onnx import helper

from qhw.errors import ModelError
from tests.onnx_models import grid, made, ours, runtime, tensors

SCALES = {"fine": np.float32(1 / 256), "coarse": np.float32(.125), "zero": np.uint8(0),
          "high": np.uint8(255), "half_dozen": np.float32(6 / 256)}


def classifier(*tail, opset=13, more=None):
    weights, constants = tensors(w=(6, 5))
    return made([*weights, helper.make_node("MatMul", ["a", "w"], ["logits"]), *tail],
                {**constants, **SCALES, **(more or {})}, shape=(1, 6), opset=opset)


@pytest.mark.parametrize("op", ["Softmax", "LogSoftmax"])
@pytest.mark.parametrize("codes", [False, True])
def test_softmax_and_its_quantizer_are_the_hosts(tmp_path, op, codes):
    """The codes of the probabilities, or what they stand for; a step aside where float32 of the
    runtime is on the other side of a tie."""
    scale, zero = ("fine", "zero") if op == "Softmax" else ("half_dozen", "high")
    tail = [helper.make_node(op, ["logits"], ["p"], axis=1),
            helper.make_node("QuantizeLinear", ["p", scale, zero], ["y" if codes else "q"])]
    if not codes:
        tail.append(helper.make_node("DequantizeLinear", ["q", scale, zero], ["y"]))
    model, x = classifier(*tail), grid((6,), 200)
    got, want = ours(model, x, tmp_path), runtime(model, x)
    assert len(np.unique(got)) > 50
    assert np.mean(np.abs(got - want) > 1e-6) < .002
    if codes:
        assert np.array_equal(got, np.rint(got))


def test_codes_are_read_with_another_zero(tmp_path):
    """Behind the host's quantizer a dequantizer takes other steps, from elsewhere on."""
    model = classifier(helper.make_node("Softmax", ["logits"], ["p"], axis=1),
                       helper.make_node("QuantizeLinear", ["p", "fine", "zero"], ["q"]),
                       helper.make_node("DequantizeLinear", ["q", "coarse", "high"], ["y"]))
    x = grid((6,), 50)
    got, want = ours(model, x, tmp_path), runtime(model, x)
    assert want.max() <= 0 and len(np.unique(want)) > 20
    assert np.mean(np.abs(got - want) > 1e-4) < .02


@pytest.mark.parametrize(("opset", "shape", "axis"), [
    (11, (3, 2, 2), 1), (11, (6,), 1), (13, (3, 2, 2), 1), (13, (6,), -1), (13, (2, 3, 4), 3),
    (12, (6,), -1)])
def test_which_elements_sum_to_one(tmp_path, opset, shape, axis):
    """Before opset 13 all from ``axis`` on, since then those of one dimension."""
    weights, constants = tensors(w=(6, 6))
    before = [helper.make_node("MaxPool", ["a"], ["m"], kernel_shape=[1, 1])] if len(shape) > 1 \
        else [*weights, helper.make_node("MatMul", ["a", "w"], ["m"])]
    model = made([*before, helper.make_node("Softmax", ["m"], ["y"], axis=axis)], constants,
                 shape=(1, *shape), opset=opset)
    x = grid(shape)
    assert np.allclose(ours(model, x, tmp_path), runtime(model, x), rtol=1e-5, atol=1e-6)


def test_products_behind_a_softmax_are_the_hosts(tmp_path):
    weights, constants = tensors(v=(5, 2))
    model = classifier(helper.make_node("Softmax", ["logits"], ["p"], axis=1),
                       helper.make_node("QuantizeLinear", ["p", "fine", "zero"], ["q"]),
                       helper.make_node("DequantizeLinear", ["q", "fine", "zero"], ["r"]),
                       *weights, helper.make_node("MatMul", ["r", "v"], ["y"]), more=constants)
    x = grid((6,))
    assert np.allclose(ours(model, x, tmp_path), runtime(model, x), rtol=1e-5, atol=1e-6)


def test_what_needs_a_softmax_in_hardware_is_refused(tmp_path):
    model = classifier(helper.make_node("Softmax", ["logits"], ["p"], axis=1),
                       helper.make_node("QuantizeLinear", ["p", "fine", "zero"], ["q"]),
                       helper.make_node("DequantizeLinear", ["q", "fine", "zero"], ["r"]),
                       helper.make_node("ArgMax", ["r"], ["y"], axis=1))
    with pytest.raises(ModelError, match="'y': argmax needs the result of a softmax in hardware"):
        ours(model, grid((6,)), tmp_path)


@pytest.mark.parametrize("op", ["Softmax", "LogSoftmax"])
def test_the_largest_probability_is_the_largest_score(tmp_path, op):
    model = classifier(helper.make_node(op, ["logits"], ["p"], axis=1),
                       helper.make_node("ArgMax", ["p"], ["y"], axis=1))
    x = grid((6,), 50)
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


def test_parts_of_a_softmax_in_another_order(tmp_path):
    """The last four classes, backwards, twice."""
    model = classifier(helper.make_node("Softmax", ["logits"], ["p"], axis=1),
                       helper.make_node("Gather", ["p", "which"], ["g"], axis=1),
                       helper.make_node("Mul", ["g", "half_dozen"], ["y"]),
                       more={"which": np.array([4, 3, 2, 1, 4, 3, 2, 1])})
    x = grid((6,), 50)
    assert np.allclose(ours(model, x, tmp_path), runtime(model, x), rtol=1e-5, atol=1e-7)

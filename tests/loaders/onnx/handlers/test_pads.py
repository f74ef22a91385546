"""Pads of a tensor, alone and where a layer behind takes them over."""

import numpy as np
import pytest
from onnx import helper

import qhw
from qhw.exact.num import Int
from qhw.loaders.onnx.handlers.pads import unpadded
from qhw.loaders.onnx.values import Unsupported
from tests.loaders.onnx.handlers.read import loaded
from tests.loaders.onnx.onnx_cases import agrees, runs_of
from tests.loaders.onnx.reading import begun, calculated, handled
from tests.loaders.onnx.small import saved
from tests.onnx_models import grid, made, ours, runtime, tensors


@pytest.mark.parametrize(("case", "opset"), runs_of("pads"))
def test_every_attribute_in_every_version(case, opset, tmp_path):
    agrees(case, opset, tmp_path)


@pytest.mark.parametrize(("pads", "value", "want"), [
    ([0, 1, 0, 0], 0, [0, 3, 1, 8]), ([0, 0, 0, 2], 5, [3, 1, 8, 5, 5]),
    ([0, -1, 0, 1], -4, [1, 8, -4]), ([0, 0, 0, 0], 9, [3, 1, 8])])
@pytest.mark.parametrize("codes", [Int(-128, 127), None])
def test_a_vector_by_hand(pads, value, want, codes):
    reader = begun((3,), codes, opset=13, p=pads, v=np.float32(value))
    flow = handled(reader, "Pad", "x", "p", "v")
    assert calculated(reader, flow, np.array([[3, 1, 8]])).tolist() == [want]


@pytest.mark.parametrize("pads", [[-3, 0], [0, -4], [-2, -1], [2, -4], [-4, 2]])
def test_pads_that_take_everything_away_are_refused(pads):
    """Though others behind them would fill the place."""
    reader = begun((3,), opset=13, p=[0, pads[0], 0, pads[1]])
    with pytest.raises(Unsupported, match="take away all"):
        handled(reader, "Pad", "x", "p")


def test_what_is_padded_with_zeros_may_do_without():
    reader = begun((1, 2, 2), p=[0, 0, 1, 0, 0, 0, 0, 2])
    flow = handled(reader, "Pad", "x", "p")
    x, frame = unpadded(reader, flow)
    assert (x.node, frame) == ("x", (1, 0, 0, 2))
    reader = begun((1, 2, 2), p=[0, 0, 1, 0, 0, 0, 0, 2], v=3.)
    assert unpadded(reader, handled(reader, "Pad", "x", "p", "v"))[1] == (0, 0, 0, 0)


@pytest.mark.parametrize(("op", "more"), [
    ("Conv", {"pads": [0, 1, 1, 0]}), ("Conv", {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    ("AveragePool", {"kernel_shape": [3, 2], "pads": [0, 1, 1, 0]}),
    ("AveragePool", {"kernel_shape": [3, 2], "count_include_pad": 1, "pads": [0, 1, 1, 0]}),
    ("MaxPool", {"kernel_shape": [3, 2]})])
@pytest.mark.parametrize("value", [0, -1.25])
def test_a_window_behind_pads(op, more, value, tmp_path):
    """Pads of zeros are the convolution's own; its own pads, and how it counts them, stay."""
    weights, constants = tensors(w=(2, 3, 3, 2))
    inputs = ["p", "w"] if op == "Conv" else ["p"]
    nodes = [*(weights if op == "Conv" else []),
             helper.make_node("Pad", ["a", "pads", "value"], ["p"]),
             helper.make_node(op, inputs, ["y"], **more)]
    known = {**constants, "pads": np.array([0, 0, 1, 2, 0, 0, 2, 0]), "value": np.float32(value)}
    model, x = made(nodes, known, shape=(1, 3, 5, 4)), grid((3, 5, 4))
    assert np.allclose(ours(model, x, tmp_path), runtime(model, x), rtol=1e-6, atol=1e-6)
    kinds = [n.op.kind for n in loaded(tmp_path, nodes, known, shape=(1, 3, 5, 4))]
    assert ("pool" in kinds) == (bool(value) or op == "MaxPool")


def test_codes_are_padded_with_a_code(tmp_path):
    """Between QuantizeLinear and DequantizeLinear."""
    nodes = [helper.make_node("QuantizeLinear", ["a", "s", "z"], ["q"]),
             helper.make_node("Pad", ["q", "pads", "code"], ["p"]),
             helper.make_node("DequantizeLinear", ["p", "s", "z"], ["y"])]
    known = {"pads": np.array([0, 0, 1, 0, 0, 0, 0, 1]), "code": np.uint8(7),
             "s": np.float32(.5), "z": np.uint8(100)}
    model, x = made(nodes, known, shape=(1, 2, 2, 2)), grid((2, 2, 2))
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


@pytest.mark.parametrize(("inputs", "says"), [
    ({"p": [1, 0, 0, 0]}, "pads the batch"), ({"p": [0, 1, 0]}, "3 pads do not fit 2 dimensions")])
def test_what_is_refused(inputs, says):
    with pytest.raises(Unsupported, match=says):
        handled(begun((3,), **inputs), "Pad", "x", *inputs)


def test_gates_pad_rows_columns_and_channels(tmp_path):
    nodes = [helper.make_node("Pad", ["a", "pads", "value"], ["p"]),
             helper.make_node("MaxPool", ["p"], ["y"], kernel_shape=[2, 2])]
    known = {"pads": np.array([0, 1, 1, 0, 0, 0, 0, 2]), "value": np.float32(1.5)}
    model, x = made(nodes, known, shape=(1, 2, 3, 3)), grid((2, 3, 3), 3)
    run = qhw.simulate(saved(tmp_path, model), x, engine="amaranth", trace=True)
    assert run.matches == 3 and np.array_equal(run.y, runtime(model, x))

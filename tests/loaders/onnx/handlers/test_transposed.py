"""Transposed convolutions, by hand and against ONNX Runtime."""

import numpy as np
import pytest
from onnx import helper

import qhw
from qhw.loaders.onnx.values import Unsupported
from tests.loaders.onnx.onnx_cases import agrees, runs_of
from tests.loaders.onnx.reading import begun, calculated, handled
from tests.loaders.onnx.small import saved
from tests.onnx_models import grid, made, runtime, tensors


@pytest.mark.parametrize(("case", "opset"), runs_of("transposed"))
def test_every_attribute_in_every_version(case, opset, tmp_path):
    agrees(case, opset, tmp_path)


@pytest.mark.parametrize(("given", "want"), [
    ({"strides": [2]}, [1, 10, 102, 20, 200]), ({"strides": [1]}, [1, 12, 120, 200]),
    ({"strides": [3]}, [1, 10, 100, 2, 20, 200]),
    ({"strides": [2], "pads": [1, 2]}, [10, 102]),
    ({"strides": [2], "output_padding": [1]}, [1, 10, 102, 20, 200, 0])])
def test_a_sequence_by_hand(given, want):
    """Of 1 and 2: each is spread over three pixels, and they meet in 100 + 2."""
    weights = np.array([[[1, 10, 100]]], np.float32)
    reader = begun((1, 2), w=weights)
    flow = handled(reader, "ConvTranspose", "x", "w", **given)
    found = calculated(reader, flow, np.array([[1, 2]]).reshape(1, *reader.tensors["x"].shape))
    assert found.tolist() == [[want]]


@pytest.mark.parametrize(("shape", "given", "says"), [
    ((3, 1, 2, 2), {}, "3 channels in 1 groups, and there are 2"),
    ((2, 1, 2), {}, "3 dimensions for an input of 4"),
    ((2, 1, 2, 2), {"strides": [2]}, r"strides \(2,\) do not fit"),
    ((2, 1, 2, 2), {"pads": [9, 9, 9, 9]}, "would have"),
    ((2, 1, 2, 2), {"kernel_shape": [3, 3]}, "is not that of its weights"),
    ((2, 1, 2, 2), {"output_shape": [9, 9]}, "9 x 9 pixels, more than the 4 x 4 that it makes"),
    ((2, 1, 2, 2), {"output_shape": [4]}, r"output_shape \(4,\) does not fit"),
    ((2, 1, 2, 2), {"output_shape": [3, 3], "pads": [1, 0, 0, 0]}, "besides its auto_pad"),
    ((2, 1, 2, 2), {"auto_pad": "SAME_UPPER", "pads": [1, 0, 0, 0]}, "besides its auto_pad"),
    ((2, 1, 2, 2), {"auto_pad": "SAME_LOWER", "strides": [3, 1]}, "9 x 3 pixels, more than")])
def test_what_is_refused(shape, given, says):
    with pytest.raises(Unsupported, match=says):
        handled(begun((2, 3, 3), w=np.ones(shape, np.float32)), "ConvTranspose", "x", "w", **given)


def test_gates_enlarge(tmp_path):
    weights, constants = tensors(w=(2, 3, 3, 3))
    model = made([*weights, helper.make_node("ConvTranspose", ["a", "w"], ["y"], strides=[2, 2],
                                             pads=[1, 1, 0, 0])], constants, shape=(1, 2, 3, 3))
    x = grid((2, 3, 3), 3)
    run = qhw.simulate(saved(tmp_path, model), x, engine="amaranth", trace=True)
    assert run.matches == 3 and np.allclose(run.y, runtime(model, x), rtol=1e-6)

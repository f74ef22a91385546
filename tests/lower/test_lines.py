"""Codes with a scale or a scale a channel, moved, compared and joined: it counts once."""

import numpy as np
import pytest
from onnx import helper

from tests.onnx_models import grid, made, ours, runtime, tensors

SHAPE = (4, 4, 4)
FACTORS = {"one": np.float32(.5), "negative": np.float32(-2),
           "each channel": np.array([.5, 2, -1, 4], np.float32).reshape(1, 4, 1, 1)}
MOVERS = {
    "max pool": [helper.make_node("MaxPool", ["m"], ["p"], kernel_shape=[2, 2], strides=[2, 2])],
    "average": [helper.make_node("AveragePool", ["m"], ["p"], kernel_shape=[2, 2])],
    "flatten": [helper.make_node("Flatten", ["m"], ["p"])],
    "reshape": [helper.make_node("Reshape", ["m", "shape"], ["p"])],
    "transpose": [helper.make_node("Transpose", ["m"], ["p"], perm=[0, 1, 3, 2])],
    "channels last": [helper.make_node("Transpose", ["m"], ["p"], perm=[0, 2, 3, 1])],
    "depth to space": [helper.make_node("DepthToSpace", ["m"], ["p"], blocksize=2)],
    "resize": [helper.make_node("Resize", ["m", "", "factors"], ["p"], mode="nearest",
                                nearest_mode="floor", coordinate_transformation_mode="asymmetric")],
    "add": [helper.make_node("Add", ["m", "a"], ["p"])],
    "concat": [helper.make_node("Concat", ["m", "a"], ["p"], axis=1)],
    "twice": [helper.make_node("MaxPool", ["m"], ["q"], kernel_shape=[2, 2]),
              helper.make_node("Flatten", ["q"], ["p"])],
}
CONSTANTS = {"shape": np.array([1, 2, 32]), "factors": np.array([1, 1, 2, 2], np.float32)}
BEHIND = {
    "the end": [helper.make_node("Identity", ["p"], ["y"])],
    "a quantizer": [helper.make_node("QuantizeLinear", ["p", "half", "three"], ["q8"]),
                    helper.make_node("DequantizeLinear", ["q8", "half", "three"], ["y"])],
}


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("mover", MOVERS)
def test_a_scale_before_what_moves_codes(tmp_path, mover, factor, behind):
    for op in ("Mul", "Div"):
        nodes = [helper.make_node("MaxPool", ["a"], ["c"], kernel_shape=[1, 1]),
                 helper.make_node(op, ["c", "k"], ["m"]), *MOVERS[mover], *BEHIND[behind]]
        model = made(nodes, CONSTANTS | {"k": FACTORS[factor], "half": np.float32(.5),
                                         "three": np.int8(3)}, shape=(1, *SHAPE))
        x = grid(SHAPE)
        assert np.array_equal(ours(model, x, tmp_path), runtime(model, x)), op


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("mover", ["max pool", "flatten", "reshape", "twice", "channels last"])
def test_a_scale_before_a_product_behind_it(tmp_path, mover, factor):
    """Weights of eighths, so that float32 is exact."""
    size = 64 if mover not in ("max pool", "twice") else 16 if mover == "max pool" else 36
    weights, constants = tensors(w=(size, 3))
    nodes = [*weights, helper.make_node("Mul", ["a", "k"], ["m"]), *MOVERS[mover],
             helper.make_node("Reshape", ["p", "flat"], ["f"]),
             helper.make_node("MatMul", ["f", "w"], ["y"])]
    model = made(nodes, CONSTANTS | constants | {"k": FACTORS[factor], "flat": np.array([1, size])},
                 shape=(1, *SHAPE))
    x = grid(SHAPE)
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


def test_derived_layers_leave_the_networks_names_alone(tmp_path):
    """A tensor is called like the layer that pads another; the scale's layer like another too."""
    weights, constants = tensors(w=(2, 2, 3, 3))
    nodes = [*weights, helper.make_node("Conv", ["a", "w"], ["conv"], pads=[1, 1, 1, 1]),
             helper.make_node("QuantizeLinear", ["conv", "half", "none"], ["conv_codes"]),
             helper.make_node("DequantizeLinear", ["conv_codes", "half", "none"], ["back"]),
             helper.make_node("Conv", ["back", "w"], ["conv_window"]),
             helper.make_node("MaxPool", ["conv_window"], ["y"], kernel_shape=[2, 2])]
    model = made(nodes, constants, shape=(1, 2, 4, 4))
    x = grid((2, 4, 4))
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


@pytest.mark.parametrize("zero", [-128, -5, 3])
@pytest.mark.parametrize("mover", MOVERS)
def test_codes_with_a_zero_point_before_what_moves_them(tmp_path, mover, zero):
    nodes = [helper.make_node("MaxPool", ["a"], ["c"], kernel_shape=[1, 1]),
             helper.make_node("Mul", ["c", "k"], ["m"]), *MOVERS[mover],
             helper.make_node("Identity", ["p"], ["y"])]
    model = made(nodes, CONSTANTS | {"k": np.float32(-.5), "grid_zero": np.int8(zero)},
                 shape=(1, *SHAPE))
    x = grid(SHAPE)
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))

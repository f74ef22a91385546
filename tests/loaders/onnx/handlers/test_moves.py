"""Moved elements, and shapes as constants."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from tests.loaders.onnx.foreign import SHAPE
from tests.onnx_models import grid, made, ours


@pytest.mark.parametrize(("attributes", "want"), [
    ({}, [1, 4, 6, 4]), ({"start": 1}, [4, 6, 4]), ({"start": -3, "end": -1}, [4, 6]),
    ({"end": 2}, [1, 4])])
def test_a_part_of_a_shape(tmp_path, attributes, want):
    """As the shape of a constant that is added."""
    node = helper.make_node("Shape", ["a"], ["s"], **attributes)
    cast = helper.make_node("Cast", ["s"], ["f"], to=TensorProto.FLOAT)
    total = helper.make_node("ReduceSum", ["f"], ["n"], keepdims=0)
    model = made([node, cast, total, helper.make_node("MaxPool", ["a"], ["m"],
                                                      kernel_shape=[1, 1]),
                  helper.make_node("Add", ["m", "n"], ["y"])], shape=(1, *SHAPE), opset=15)
    x = grid(SHAPE)
    assert np.array_equal(ours(model, x, tmp_path), x + sum(want))

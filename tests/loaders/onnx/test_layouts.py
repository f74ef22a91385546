"""Products behind images whose elements lie otherwise in ONNX than in hardware, against ONNX
Runtime: a channel is the first dimension there and the last one here."""

import numpy as np
import pytest
from onnx import helper

from tests.onnx_models import grid, made, ours, runtime, tensors

SHAPES = [(2, 3, 4), (3, 2, 2), (5, 1, 3), (4, 4, 1)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("transposed", [False, True])
def test_a_product_of_a_flattened_image(shape, transposed, tmp_path):
    """The order of the weights is the inverse of the elements', not the elements' own."""
    size = int(np.prod(shape))
    weights, constants = tensors(w=(3, size) if transposed else (size, 3))
    model = made([*weights, helper.make_node("Flatten", ["a"], ["f"]),
                  helper.make_node("Gemm", ["f", "w"], ["y"], transB=int(transposed))],
                 constants, shape=(1, *shape))
    x = grid(shape)
    found = ours(model, x, tmp_path)
    assert np.array_equal(found.reshape(4, 3), runtime(model, x).reshape(4, 3))


@pytest.mark.parametrize("order", [(0, 2, 3, 1), (0, 3, 1, 2), (0, 3, 2, 1), (0, 1, 3, 2)])
def test_a_product_of_a_transposed_image(order, tmp_path):
    weights, constants = tensors(w=(24, 5))
    model = made([*weights, helper.make_node("Transpose", ["a"], ["t"], perm=order),
                  helper.make_node("Reshape", ["t", "flat"], ["f"]),
                  helper.make_node("MatMul", ["f", "w"], ["y"])],
                 {**constants, "flat": np.array([1, 24])}, shape=(1, 2, 3, 4))
    x = grid((2, 3, 4))
    found = ours(model, x, tmp_path)
    assert np.array_equal(found.reshape(4, 5), runtime(model, x).reshape(4, 5))


@pytest.mark.parametrize("pads", [(1, 0), (0, 2), (2, 1)])
def test_a_convolution_of_one_dimension_with_pads_of_its_own_on_each_side(pads, tmp_path):
    weights, constants = tensors(w=(2, 3, 3))
    model = made([*weights, helper.make_node("Conv", ["a", "w"], ["y"], pads=pads)], constants,
                 shape=(1, 3, 7))
    x = grid((3, 7))
    found, wanted = ours(model, x, tmp_path), runtime(model, x)
    assert np.array_equal(found.reshape(wanted.shape), wanted)


@pytest.mark.parametrize("keep", [0, 1])
def test_a_mean_over_rows_and_columns_before_a_product(keep, tmp_path):
    """As a vector, or as an image of one place. Of four elements, so that ONNX Runtime's float32
    is exact."""
    weights, constants = tensors(w=(2, 3, 1, 1) if keep else (3, 2))
    nodes = [*weights, helper.make_node("ReduceMean", ["a"], ["m"], axes=[2, 3], keepdims=keep),
             helper.make_node("Conv" if keep else "MatMul", ["m", "w"], ["y"])]
    model = made(nodes, constants, shape=(1, 3, 2, 2))
    x = grid((3, 2, 2))
    found = ours(model, x, tmp_path)
    assert np.array_equal(found.reshape(4, 2), runtime(model, x).reshape(4, 2))

"""Moved elements, and shapes as constants."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from onnx import TensorProto, helper

from qhw.loaders.onnx.file import OnnxNode
from qhw.loaders.onnx.handlers.moves import folded
from qhw.loaders.onnx.values import Constant, Unsupported
from tests.loaders.onnx.foreign import SHAPE
from tests.loaders.onnx.onnx_cases import agrees, runs_of
from tests.loaders.onnx.reading import begun, handled, placed
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


@pytest.mark.parametrize(("case", "opset"), runs_of("moves"))
def test_every_attribute_in_every_version(case, opset, tmp_path):
    agrees(case, opset, tmp_path)


@pytest.mark.parametrize(("op", "inputs", "given", "want"), [
    ("Transpose", {}, {"perm": [0, 2, 1]}, [[0, 3], [1, 4], [2, 5]]),
    ("Reshape", {"n": [1, 3, 2]}, {}, [[0, 1], [2, 3], [4, 5]]),
    ("Reshape", {"n": [-1, 6]}, {}, [0, 1, 2, 3, 4, 5]),
    ("Reshape", {"n": [0, 3, -1]}, {}, [[0, 1], [2, 3], [4, 5]]),
    ("Flatten", {}, {}, [0, 1, 2, 3, 4, 5]),
    ("Unsqueeze", {"n": [1]}, {}, [[[0, 1, 2], [3, 4, 5]]]),
    ("Gather", {"n": [2, 0]}, {"axis": 2}, [[2, 0], [5, 3]]),
    ("Tile", {"n": [1, 2, 1]}, {}, [[0, 1, 2], [3, 4, 5]] * 2),
    ("Expand", {"n": [2, 1]}, {}, [[0, 1, 2], [3, 4, 5]]),
    ("Expand", {"n": [1, 2, 2, 1]}, {}, [[[0, 1, 2], [3, 4, 5]]] * 2),
    ("Slice", {"n": [1], "m": [3], "a": [2]}, {}, [[1, 2], [4, 5]])])
def test_places_by_hand(op, inputs, given, want):
    """Of two rows of three."""
    reader = begun((2, 3), **{k: np.int64(v) for k, v in inputs.items()})
    flow, = handled(reader, op, "x", *inputs, **given)
    assert flow.node == "x" and flow.places.tolist() == want


def test_parts():
    reader = begun((2, 3), n=np.int64([1, 2]))
    a, b = handled(reader, "Split", "x", "n", axis=2, outputs=("y", "z"))
    assert (a.places.tolist(), b.places.tolist()) == ([[0], [3]], [[1, 2], [4, 5]])


def test_what_is_known_of_a_tensor_moves_with_it():
    reader = begun((2, 3))
    reader.values["x"] = placed(reader, [[0, 1], [2, 3]], codes=(Fraction(2), Fraction(3)),
                                whole=True)
    flow, = handled(reader, "Transpose", perm=[0, 2, 1])
    assert (flow.codes, flow.whole) == ((2, 3), True)


@pytest.mark.parametrize(("op", "inputs", "given"), [
    ("Reshape", {"n": [2, 3]}, {}), ("Transpose", {}, {"perm": [1, 0, 2]}),
    ("Reshape", {"n": [6]}, {}), ("Flatten", {}, {"axis": 2}),
    ("Tile", {"n": [2, 1, 1]}, {}), ("Expand", {"n": [2, 2, 3]}, {})])
def test_elements_stay_in_their_sample(op, inputs, given):
    reader = begun((2, 3), **{k: np.int64(v) for k, v in inputs.items()})
    with pytest.raises(Unsupported, match="it moves elements between samples"):
        handled(reader, op, "x", *inputs, **given)


@pytest.mark.parametrize(("given", "want"), [
    ({}, [1, 2, 3]), ({"start": 1}, [2, 3]), ({"end": -1}, [1, 2]), ({"start": -1}, [3])])
def test_shapes(given, want):
    reader = begun((2, 3), opset=15)
    assert handled(reader, "Shape", **given).value.tolist() == want
    reader.batch = False
    assert handled(reader, "Shape").value.tolist() == [2, 3]


def test_quantized_constants_move_with_their_integers():
    reader = begun((2, 3))
    reader.values["c"] = Constant.quantized(np.array([[1, 2], [3, 4]]), np.array([[.5], [2]]))
    node = OnnxNode("own", "Transpose", "", ("c",), ("y",), {"perm": [1, 0]})
    with reader.file.computed:
        found, = folded(reader, node)
        plain, = folded(reader, replace(node, op="Neg", attributes={}))
    assert found.integers.tolist() == [[1, 3], [2, 4]]
    assert found.scale.tolist() == [[.5, 2], [.5, 2]] and found.value.tolist() == [[.5, 6], [1, 8]]
    assert plain.integers is None and plain.value.tolist() == [[-.5, -1], [-6, -8]]


@pytest.mark.parametrize(("node", "says"), [
    (OnnxNode("own", "Odd", "", ("c",), ("y",)), "operator Odd of opset 13 is not known"),
    (OnnxNode("own", "Neg", "", ("c",), ("y",), {"a": 3}),
     r"its attribute a \(3\) is none that Neg has in opset 13")])
def test_constants_of_what_is_not_known(node, says):
    with pytest.raises(Unsupported, match=says):
        folded(begun((2,), c=[1]), node)

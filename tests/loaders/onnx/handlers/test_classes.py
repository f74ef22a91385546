"""Operators over classes."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import helper

import qhw
from qhw.errors import ModelError
from qhw.graph import Graph
from qhw.loaders.onnx.values import Unsupported
from qhw.lower import lower
from tests.loaders.onnx.foreign import KNOWN
from tests.loaders.onnx.onnx_cases import agrees, runs_of
from tests.loaders.onnx.reading import begun, calculated, handled
from tests.onnx_models import grid, made, ours, runtime, tensors


@pytest.mark.parametrize("bias", [[.1, .2, .3], [.5, .5, .5]])
def test_the_largest_of_scaled_and_biased_scores(tmp_path, bias):
    """Of one scale, in two layers; the scores of float32 have no ties."""
    model = made([helper.make_node("MatMul", ["a", "wf"], ["m"]),
                  helper.make_node("Mul", ["m", "s"], ["n"]),
                  helper.make_node("Add", ["n", "bs"], ["o"]),
                  helper.make_node("ArgMax", ["o"], ["y"], axis=1)],
                 {**KNOWN, "wf": KNOWN["w"].astype(np.float32), "bs": np.float32(bias)},
                 shape=(1, 6))
    x = grid((6,), 30)
    assert np.array_equal(ours(model, x, tmp_path), runtime(model, x))


@pytest.mark.parametrize(("case", "opset"), runs_of("classes"))
def test_every_attribute_in_every_version(case, opset, tmp_path):
    agrees(case, opset, tmp_path)


@pytest.mark.parametrize(("opset", "axis", "shape", "want"), [
    (11, 1, (2, 1, 2), [[[.25, .25]], [[.25, .25]]]), (13, 1, (2, 1, 2), [[[.5, .5]], [[.5, .5]]]),
    (13, -1, (2, 2), [[.5, .5]] * 2), (13, 3, (4, 1, 1), [[[1]]] * 4),
    (13, 1, (4,), [.25] * 4)])
def test_a_softmax_of_equals(opset, axis, shape, want):
    """Before opset 13 all dimensions from the axis on are one."""
    reader = begun(shape, opset=opset)
    flow = handled(reader, "Softmax", axis=axis)
    own = reader.tensors["x"].shape
    assert calculated(reader, flow, np.zeros((1, *own), int)).tolist() == [want]
    assert not reader.by_name[flow.node].op.log


def test_a_logarithm_of_a_softmax():
    reader = begun((2,))
    made = calculated(reader, handled(reader, "LogSoftmax", axis=-1), np.zeros((1, 2), int))
    assert np.allclose(made, -np.log(2), rtol=1e-15)


@pytest.mark.parametrize(("opset", "shape", "axis"), [
    (13, (2, 3, 4), 2), (11, (2, 3, 4), 2), (13, (2, 3, 4), -2)])
def test_a_softmax_of_rows_is_refused(opset, shape, axis):
    with pytest.raises(Unsupported, match=r"it is over \(3,.*\) of \(2, 3, 4\); only all"):
        handled(begun(shape, opset=opset), "Softmax", axis=axis)


@pytest.mark.parametrize(("last", "want"), [(0, 1), (1, 3)])
@pytest.mark.parametrize("keepdims", [0, 1])
def test_the_largest_is_the_first_or_the_last(last, want, keepdims):
    reader = begun((4,))
    flow = handled(reader, "ArgMax", axis=1, keepdims=keepdims, select_last_index=last)
    assert flow.shape == ((1,) if keepdims else ()) and flow.whole
    found = calculated(reader, flow, np.array([[1, 5, 0, 5]]))
    assert found.tolist() == [[want]] if keepdims else [want]


@pytest.mark.parametrize(("axis", "keepdims", "want"), [
    (1, 1, [[[1, 0, 1]]]), (1, 0, [[1, 0, 1]]), (2, 1, [[[1]], [[0]]]), (-1, 0, [[1], [0]])])
def test_the_largest_along_an_axis(axis, keepdims, want):
    """Of two channels of three pixels: 2 7 -1 / 5 3 4."""
    reader = begun((2, 1, 3) if axis == 1 else (2, 3))
    axis = 2 if axis == 2 else axis
    x = np.array([[[[2, 5], [7, 3], [-1, 4]]]] if axis == 1 else [[[2, 7, -1], [5, 3, 4]]])
    flow = handled(reader, "ArgMax", axis=axis, keepdims=keepdims)
    found = calculated(reader, flow, x)
    assert found.reshape(np.shape(want)).tolist() == want


def test_gates_find_a_class_for_each_pixel(tmp_path):
    weights, constants = tensors(w=(5, 2, 1, 1))
    model = made([*weights, helper.make_node("Conv", ["a", "w"], ["m"]),
                  helper.make_node("ArgMax", ["m"], ["y"], axis=1)], constants, shape=(1, 2, 3, 3))
    onnx.save(model, tmp_path / "net.onnx")
    x = grid((2, 3, 3), 3)
    run = qhw.simulate(tmp_path / "net.onnx", x, engine="amaranth", trace=True)
    assert run.matches == 3 and np.array_equal(run.y.ravel(), runtime(model, x).ravel())


@pytest.mark.parametrize(("x", "value", "index"), [
    ([1, 5, 0, 5], 5, 1), ([-7, -8, -9, -7], -7, 0)])
def test_the_first_of_the_largest_and_its_index(x, value, index):
    reader = begun((4,), k=[1])
    flows = handled(reader, "TopK", "x", "k", outputs=("v", "i"))
    assert [calculated(reader, flow, np.array([x])).tolist() for flow in flows] == [
        [[value]], [[index]]]
    assert flows[1].whole


@pytest.mark.parametrize(("count", "given", "says"), [
    (2, {}, "it finds the 2 largest"), (1, {"largest": 0}, "largest is 0, and only 1")])
def test_other_orders_are_refused(count, given, says):
    with pytest.raises(Unsupported, match=says):
        handled(begun((4,), k=[count]), "TopK", "x", "k", **given)


def test_the_order_of_classes_counts():
    """Elements that lie the other way round behind a softmax cannot be compared in hardware."""
    reader = begun((3,))
    reader.movable = False
    reader.values["x"] = replace(handled(reader, "Softmax", axis=1), places=np.array([2, 1, 0]))
    handled(reader, "ArgMax", axis=1)
    with pytest.raises(ModelError, match="argmax needs the result of a softmax in hardware"):
        lower(Graph("net", tuple(reader.nodes)))


@pytest.mark.parametrize(("codes", "scale", "zero"), [
    (np.uint8, 1 / 256, 0), (np.int8, 1 / 256, -128), (np.uint8, .01, 7), (np.int8, 1 / 100, 20)])
@pytest.mark.parametrize(("shape", "given"), [
    ((5,), {"axis": 1, "opset": 12}), ((5,), {"opset": 13}), ((5,), {"opset": 11}),
    ((3, 4, 2), {"axis": 1, "opset": 13}), ((3, 4, 2), {"axis": 1, "opset": 12}),
    ((3, 4, 2), {"opset": 13})])
def test_a_softmax_of_codes_is_that_of_onnx_runtime(shape, given, codes, scale, zero, tmp_path):
    """But for codes that stand for a tie, to float32's precision."""
    known = {"xs": np.float32(.0625), "xz": codes(7), "ys": np.float32(scale), "yz": codes(zero)}
    model = made([helper.make_node("QuantizeLinear", ["a", "xs", "xz"], ["q"]),
                  helper.make_node("QLinearSoftmax", ["q", "xs", "xz", "ys", "yz"], ["p"], "own",
                                   domain="com.microsoft", **given),
                  helper.make_node("DequantizeLinear", ["p", "ys", "yz"], ["y"])],
                 known, shape=(1, *shape))
    x = grid(shape, 40)
    found, want = ours(model, x, tmp_path), runtime(model, x)
    steps = np.rint((found - want.reshape(found.shape)) / np.float32(scale))
    assert np.abs(steps).max() <= 1 and (steps != 0).mean() < .01


def test_a_softmax_of_codes_says_its_opset(tmp_path):
    with pytest.raises(Unsupported, match="no attribute opset"):
        handled(begun((4,), s=np.float32(1), z=np.int8(0)), "QLinearSoftmax", *"xszsz",
                domain="com.microsoft")

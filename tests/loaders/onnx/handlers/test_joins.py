"""Sums, products and extremes of two tensors, and joins along any dimension."""

import numpy as np
import pytest
from onnx import helper

import qhw
from qhw.loaders.onnx.values import Unsupported
from tests.loaders.onnx.foreign import refused
from tests.loaders.onnx.handlers.read import loaded
from tests.loaders.onnx.onnx_cases import agrees, runs_of
from tests.loaders.onnx.reading import begun, calculated, handled, placed
from tests.loaders.onnx.small import saved
from tests.onnx_models import grid, made, ours, runtime, tensors


@pytest.mark.parametrize(("case", "opset"), runs_of("joins"))
def test_every_attribute_in_every_version(case, opset, tmp_path):
    agrees(case, opset, tmp_path)


X = np.array([[3, -2, 5, 1]])


@pytest.mark.parametrize(("op", "want"), [
    ("Add", [8, -1]), ("Sub", [-2, -3]), ("Mul", [15, -2]), ("Max", [5, 1]), ("Min", [3, -2]),
    ("Concat", [3, -2, 5, 1])])
def test_two_halves_of_a_vector(op, want):
    """3 -2 and 5 1."""
    reader = begun((4,))
    reader.values |= {"a": placed(reader, [0, 1]), "b": placed(reader, [2, 3])}
    flow = handled(reader, op, "a", "b", **({"axis": 1} if op == "Concat" else {}))
    assert calculated(reader, flow, X).tolist() == [want]


@pytest.mark.parametrize(("op", "limits", "want"), [
    ("Max", [2.], [3, 2, 5, 2]), ("Min", [2.], [2, -2, 2, 1]), ("Max", [0., 0, 6, 2], [3, 0, 6, 2]),
    ("Min", [-4., 0, 6, .5], [-4, -2, 5, .5])])
def test_limits(op, limits, want):
    reader = begun((4,), c=np.float32(limits))
    assert calculated(reader, handled(reader, op, "c", "x"), X).tolist() == [want]


@pytest.mark.parametrize(("op", "limits", "want"), [
    ("Max", np.int8([-128, 0, 5, 2]), [3, 0, 5, 2]), ("Min", np.uint8([0, 255, 1, 9]),
                                                      [0, -2, 1, 1])])
def test_limits_whose_negatives_do_not_fit_their_type(op, limits, want):
    reader = begun((4,), c=limits)
    assert calculated(reader, handled(reader, op, "c", "x"), X).tolist() == [want]


SHAPES = [((1, 3, 1, 1), (1, 3, 4, 4)), ((1, 1, 4, 4), (1, 3, 4, 4)), ((1, 3, 4, 1), (1, 3, 1, 4))]
POOLS = {(1, 3, 1, 1): [4, 4], (1, 3, 4, 1): [1, 4], (1, 3, 1, 4): [4, 1]}


@pytest.mark.parametrize("op", ["Add", "Sub", "Mul", "Max"])
@pytest.mark.parametrize("shapes", SHAPES[::2], ids=str)
def test_dimensions_of_one_are_repeated(op, shapes, tmp_path):
    """As in squeeze and excitation: each channel's number at all of its pixels."""
    nodes = [helper.make_node("MaxPool", ["a"], [name], kernel_shape=POOLS.get(shape, [1, 1]))
             for name, shape in zip("pq", shapes, strict=True)]
    model = made([*nodes, helper.make_node(op, ["p", "q"], ["y"])], shape=(1, 3, 4, 4))
    x = grid((3, 4, 4))
    assert np.allclose(ours(model, x, tmp_path), runtime(model, x), rtol=1e-6, atol=1e-6)


def test_gates_multiply_and_compare(tmp_path):
    """The product of sums' codes, less that of others, at every layer."""
    weights, constants = tensors(u=(4, 3), v=(4, 3))
    ends = [helper.make_node("QuantizeLinear", ["m", "s", "z"], ["mq"]),
            helper.make_node("DequantizeLinear", ["mq", "s", "z"], ["p"]),
            helper.make_node("QuantizeLinear", ["n", "t", "z"], ["nq"]),
            helper.make_node("DequantizeLinear", ["nq", "t", "z"], ["q"])]
    model = made([*weights, helper.make_node("MatMul", ["a", "u"], ["m"]),
                  helper.make_node("MatMul", ["a", "v"], ["n"]), *ends,
                  helper.make_node("Mul", ["p", "q"], ["f"]),
                  helper.make_node("Max", ["p", "q"], ["g"]),
                  helper.make_node("Concat", ["f", "g"], ["y"], axis=1)],
                 constants | {"s": np.float32(.5), "t": np.float32(.75), "z": np.int8(3)})
    x = grid((4,), 5)
    run = qhw.simulate(saved(tmp_path, model), x, engine="amaranth", trace=True)
    assert run.matches == 5 and np.allclose(run.y, runtime(model, x), rtol=1e-6, atol=1e-6)


def test_a_square_of_sums(tmp_path):
    weights, constants = tensors(u=(4, 3))
    model = made([*weights, helper.make_node("MatMul", ["a", "u"], ["m"]),
                  helper.make_node("Mul", ["m", "m"], ["y"])], constants)
    assert np.allclose(ours(model, grid((4,)), tmp_path), runtime(model, grid((4,))))


def test_rows_of_one_image_after_those_of_another_are_one_stream(tmp_path):
    kinds = [n.op.kind for n in loaded(tmp_path, [
        helper.make_node("Concat", ["a", "a"], ["y"], axis=2)], shape=(1, 3, 4, 4))]
    assert kinds[-3:] == ["concat", "reshape", "arrange"] and "reorder" not in kinds


@pytest.mark.parametrize(("op", "shapes"), [("Add", [[0, 1], [0, 1, 2]]),
                                            ("Mul", [[0, 1], [0, 1, 2]])])
def test_shapes_that_do_not_fit(op, shapes):
    reader = begun((4,))
    reader.values |= {k: placed(reader, p) for k, p in zip("ab", shapes, strict=True)}
    with pytest.raises(Unsupported, match=r"its inputs have the shapes \(2,\) and \(3,\)"):
        handled(reader, op, "a", "b")


def test_a_quotient_is_refused(tmp_path):
    refused(tmp_path, "divides by a computed tensor",
            helper.make_node("Div", ["a", "a"], ["y"], "own"))

"""Nearest elements of every kind, in every version."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import qhw
from qhw.loaders.onnx.values import Unsupported
from tests.loaders.onnx.handlers.read import kinds, loaded
from tests.loaders.onnx.onnx_cases import agrees, runs_of
from tests.loaders.onnx.reading import begun, calculated, handled
from tests.loaders.onnx.small import quant, saved, small
from tests.onnx_models import made


@pytest.mark.parametrize(("case", "opset"), runs_of("resize"))
def test_every_attribute_in_every_version(case, opset, tmp_path):
    agrees(case, opset, tmp_path)


def test_whole_factors_repeat_pixels_from_a_row(tmp_path):
    """So that two rows are stored, and not the image."""
    nodes = [helper.make_node("MaxPool", ["a"], ["m"], kernel_shape=[1, 1]),
             helper.make_node("Resize", ["m", "", "s"], ["y"])]
    made, = [n.op for n in loaded(tmp_path, nodes, {"s": np.float32([1, 1, 2, 3])})
             if n.op.kind == "reorder"]
    assert made.block == 3 * 4 and all(isinstance(stride, int) for _, stride in made.loops)


def test_what_is_as_it_was_costs_nothing(tmp_path):
    node = helper.make_node("Resize", ["a", "", "", "s"], ["y"])
    assert "reorder" not in kinds(tmp_path, [node], {"s": np.array([1, 4, 5, 3])})


@pytest.mark.parametrize(("inputs", "says"), [
    ({"s": [1, 1, 1]}, "3 sizes or factors"), ({"s": [2, 1, 1, 1]}, "resizes the batch"),
    ({"s": [1, 1, .1, 1]}, "leave nothing"), ({"s": [1, 1, 1, 0]}, "do not fit"),
    ({"z": [1, 4, 5, 0]}, "do not fit")])
def test_sizes_that_make_no_sense(inputs, says):
    reader = begun((4, 5, 3), **{k: np.float32(v) if k == "s" else np.array(v)
                                 for k, v in inputs.items()})
    with pytest.raises(Unsupported, match=says):
        handled(reader, "Resize", "x", "", *(["s"] if "s" in inputs else ["", "z"]))


def test_what_float32_decides_is_refused():
    """3.5 / (5/6) is 4.2, and less 0.5 rounds to 4; but 2.5 / (5/6) is 3, and less 0.5 a tie."""
    reader = begun((1, 1, 6), s=np.float32([1, 1, 1, 5 / 6]))
    with pytest.raises(Unsupported, match="rounding of float32"):
        handled(reader, "Resize", "x", "", "s")


def test_before_opset_11_nobody_says_what_is_nearest():
    reader = begun((1, 4, 4), opset=10, s=np.float32([1, 1, .5, 1]))
    with pytest.raises(Unsupported, match="before opset 11"):
        handled(reader, "Resize", "x", "s")


@pytest.mark.slow(but=1)
@pytest.mark.parametrize(("op", "inputs", "more"), [
    ("Resize", {"s": np.float32([1, 1, 1.5, .5])}, {"nearest_mode": "floor"}),
    ("Pad", {"p": np.array([0, 0, 2, 1, 0, 0, 3, 2])}, {"mode": "reflect"}),
    ("Gather", {"p": np.array([3, 0, 2, 2, 1])}, {"axis": 1}),
    ("Slice", {"b": np.array([-1, -1]), "e": np.array([-99, -99]), "axes": np.array([1, 3]),
               "d": np.array([-1, -2])}, {})])
def test_gates_pick_elements(op, inputs, more, tmp_path):
    """Rows, columns and channels by tables of offsets, backwards, and several times."""
    names = ["m", *([""] if op == "Resize" else []), *inputs]
    model = made([helper.make_node("MaxPool", ["a"], ["m"], kernel_shape=[1, 1]),
                  helper.make_node(op, names, ["y"], **more)], inputs, shape=(1, 4, 5, 6),
                 quantized=False)
    x = np.random.default_rng(0).integers(-8, 8, (3, 4, 5, 6))
    network = qhw.load(saved(tmp_path, model), "-8..7")
    for stalls in (0, 1):
        assert qhw.simulate(network, x, engine="verilator", trace=True, stalls=stalls).matches == 3


@pytest.mark.parametrize(("coordinates", "nearest"), [
    ("asymmetric", "floor"), ("half_pixel", "round_prefer_floor"), ("half_pixel", "floor"),
    ("asymmetric", "round_prefer_floor"), ("align_corners", "round_prefer_floor")])
def test_enlarging(tmp_path, coordinates, nearest):
    """ONNX's reference makes the same of it."""
    node = helper.make_node("Resize", ["a", "", "f"], ["y"], mode="nearest",
                            coordinate_transformation_mode=coordinates, nearest_mode=nearest)
    model = small([quant("qx", "x", "a"), node], shape=(1, 1, 3, 2),
                  constants={"f": np.array([1, 1, 2, 3], np.float32)})
    x = np.arange(-3., 3).reshape(1, 1, 3, 2)
    alone = helper.make_model(helper.make_graph(
        [node], "r", [helper.make_tensor_value_info("a", TensorProto.FLOAT, (1, 1, 3, 2))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        initializer=[numpy_helper.from_array(np.array([1, 1, 2, 3], np.float32), "f")]),
        opset_imports=[helper.make_opsetid("", 13)])
    want, = ReferenceEvaluator(alone).run(None, {"a": x.astype(np.float32)})
    found = qhw.simulate(saved(tmp_path, model), x, engine="amaranth")
    assert found.y.tolist() == want.tolist()


@pytest.mark.parametrize(("scales", "want"), [
    ([1, 1, 2, 1], [[1, 2], [1, 2]]), ([1, 1, 1, 2], [[1, 1, 2, 2]]), ([1, 1, 1.5, 1], [[1, 2]]),
    ([1, 1, 1, 1.5], [[1, 1, 2]]), ([1, 2, 1, 1], [[1, 2]] * 2),
    ([1, 2, 1, 2], [[1, 1, 2, 2]] * 2)])
def test_factors_of_any_dimension(scales, want):
    reader = begun((1, 1, 2), opset=10, f=np.float32(scales))
    found = calculated(reader, handled(reader, "Resize", *"xf"), np.array([[[[1], [2]]]]))
    assert found.reshape(-1, len(want[0])).tolist() == want


def test_by_hand():
    """Every other element, the upper of each pair."""
    reader = begun((1, 1, 6), s=np.float32([1, 1, 1, .5]))
    flow = handled(reader, "Resize", "x", "", "s", nearest_mode="ceil")
    assert calculated(reader, flow, np.arange(6).reshape(1, 1, 6, 1)).ravel().tolist() == [1, 3, 5]

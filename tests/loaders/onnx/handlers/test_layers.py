"""Joins and enlarging."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import qhw
from qhw.errors import ModelError
from qhw.loaders import load
from tests.loaders.onnx.handlers.read import kinds
from tests.loaders.onnx.small import quant, saved, small


@pytest.mark.parametrize(("second", "third", "kind"), [
    ((.5, 3), (.5, 3), "concat"), ((.5, 3), (.25, 3), "join"), ((.5, 3), (.5, 2), "join"),
    ((.5, 2), (.5, 3), "join"), ((.25, 3), (.5, 3), "join")])
def test_a_join_of_equal_formats_only_is_of_codes(second, third, kind, tmp_path):
    """Three tensors, the first with scale 1/2 and zero point 3."""
    nodes, known = [], {}
    for k, (scale, zero) in enumerate([(.5, 3), second, third]):
        known |= {f"s{k}": np.float32(scale), f"z{k}": np.int8(zero)}
        nodes += [helper.make_node("QuantizeLinear", ["a", f"s{k}", f"z{k}"], [f"q{k}"]),
                  helper.make_node("DequantizeLinear", [f"q{k}", f"s{k}", f"z{k}"], [f"d{k}"])]
    nodes.append(helper.make_node("Concat", ["d0", "d1", "d2"], ["y"], axis=1))
    assert kind in kinds(tmp_path, nodes, known)


@pytest.mark.parametrize(("coordinates", "nearest", "right"), [
    ("asymmetric", "floor", True), ("half_pixel", "round_prefer_floor", True),
    ("half_pixel", "floor", False), ("asymmetric", "round_prefer_floor", False),
    ("align_corners", "round_prefer_floor", False)])
def test_enlarging(tmp_path, coordinates, nearest, right):
    """What repeats pixels is what ONNX's reference makes of it; the rest is refused."""
    node = helper.make_node("Resize", ["a", "", "f"], ["y"], mode="nearest",
                            coordinate_transformation_mode=coordinates, nearest_mode=nearest)
    model = small([quant("qx", "x", "a"), node], shape=(1, 1, 3, 2),
                  constants={"f": np.array([1, 1, 2, 3], np.float32)})
    x = np.arange(-3., 3).reshape(1, 1, 3, 2)
    if not right:
        with pytest.raises(ModelError, match=f"{coordinates} with nearest_mode {nearest}"):
            load(saved(tmp_path, model))
        return
    alone = helper.make_model(helper.make_graph(
        [node], "r", [helper.make_tensor_value_info("a", TensorProto.FLOAT, (1, 1, 3, 2))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        initializer=[numpy_helper.from_array(np.array([1, 1, 2, 3], np.float32), "f")]),
        opset_imports=[helper.make_opsetid("", 13)])
    want, = ReferenceEvaluator(alone).run(None, {"a": x.astype(np.float32)})
    found = qhw.simulate(saved(tmp_path, model), x, engine="amaranth")
    assert found.y.tolist() == want.tolist()

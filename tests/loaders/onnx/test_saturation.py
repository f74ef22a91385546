"""ONNX Runtime adds products of bytes as ONNX defines them, on processors without VNNI too."""

from itertools import product

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from qhw.loaders.onnx.reference import runner
from qhw.loaders.onnx.saturation import unsaturated
from tests.loaders.onnx.small import saved

pytest.importorskip("onnxruntime")

INPUTS, OUTPUTS = 64, 8
TYPES = {np.uint8: TensorProto.UINT8, np.int8: TensorProto.INT8}
OPERATORS = {"MatMulInteger", "QGemm", "QLinearMatMul", "ConvInteger", "QLinearConv"}
STEP = 2048.
MISSING = {(np.int8, np.uint8, name) for name in ("QGemm", "QLinearMatMul", "QLinearConv")}
"""Of these, ONNX Runtime has no kernel."""


def network(operator, x, weights, zero):
    """One operator between an input of codes and an output of sums, or of their codes."""
    conv = "Conv" in operator
    constants = {"one": np.float32(1), "step": np.float32(STEP), "zero": x.dtype.type(zero),
                 "weights": weights.T.reshape(OUTPUTS, INPUTS, 1, 1) if conv else weights,
                 "no": weights.dtype.type(0)}
    scaled = ["x", "one", "zero", "weights", "one", "no"]
    inputs = {"QGemm": scaled, "QLinearMatMul": [*scaled, "step", "zero"],
              "QLinearConv": [*scaled, "step", "zero"]}.get(
                  operator, ["x", "weights", "zero", "no"])
    node = helper.make_node(operator, inputs, ["y"],
                            domain="com.microsoft" if operator == "QGemm" else "")
    kind = TYPES[x.dtype.type]
    into = TensorProto.FLOAT if operator == "QGemm" else (
        kind if "Linear" in operator else TensorProto.INT32)
    graph = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info("x", kind, (1, *x.shape[1:]))],
        [helper.make_tensor_value_info("y", into, None)],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items() if k in inputs])
    return helper.make_model(graph, ir_version=9, opset_imports=[
        helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)])


@pytest.mark.parametrize(("kind", "weight", "operator"), [
    case for case in product(TYPES, TYPES, sorted(OPERATORS)) if case not in MISSING])
@pytest.mark.parametrize("zero", [0, 3])
def test_corners_are_summed_exactly(tmp_path, kind, weight, operator, zero):
    """Codes at the ends of their types: two products of them exceed 16 bits."""
    random = np.random.default_rng(zero)
    codes, least = np.iinfo(kind), np.iinfo(weight)
    x = random.choice([codes.min, codes.max], (4, INPUTS)).astype(kind)
    weights = random.choice([least.min, least.max], (INPUTS, OUTPUTS)).astype(weight)
    want = (x.astype(int) - zero) @ weights.astype(int)
    if "Linear" in operator:
        want = np.clip(np.rint(want / STEP) + zero, codes.min, codes.max)
    given = x.reshape(4, INPUTS, 1, 1) if "Conv" in operator else x
    path = saved(tmp_path, network(operator, given, weights, zero))
    _, run = runner(path, given.shape[1:])
    assert run(given).tolist() == want.tolist()


def test_weights_that_others_read_stay():
    """A second reader of the same weights keeps their codes; weights of one sign stay too."""
    weights = np.full((INPUTS, OUTPUTS), -128, np.int8)
    model = network("MatMulInteger", np.zeros((1, INPUTS), np.uint8), weights, 0)
    model.graph.node.append(helper.make_node("Identity", ["weights"], ["same"]))
    changed = unsaturated(model)
    kept = {t.name: numpy_helper.to_array(t) for t in changed.graph.initializer}
    assert (kept["weights"] == -128).all() and changed.graph.node[1].input[0] == "weights"
    assert (kept[changed.graph.node[0].input[1]] == 0).all()
    assert kept[changed.graph.node[0].input[3]] == 128
    alike = network("MatMulInteger", np.zeros((1, INPUTS), np.int8), weights, 0)
    assert unsaturated(alike) == alike

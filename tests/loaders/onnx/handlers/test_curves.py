"""Activation functions with parameters, against ONNX Runtime and ONNX's reference."""

import numpy as np
import pytest
from onnx import helper

from tests.loaders.onnx.onnx_cases import agrees, runs_of
from tests.onnx_models import grid, made, ours, runtime


@pytest.mark.parametrize(("case", "opset"), runs_of("curves"))
def test_every_attribute_in_every_version(case, opset, tmp_path):
    agrees(case, opset, tmp_path)


@pytest.mark.parametrize(("shape", "axis"), [((4,), 1), ((4, 3, 2), 1), ((2, 4, 3), 2)])
@pytest.mark.parametrize("op", ["Sigmoid", "Elu", "QLinearSigmoid"])
def test_a_function_of_half_of_a_tensor(op, shape, axis, tmp_path):
    """As in a gated linear unit, whose other half it multiplies."""
    known = {"s": np.float32(.25), "z": np.int8(0), "t": np.float32(1 / 64),
             "two": np.int64([2, 2])}
    coded = op.startswith("QLinear")
    nodes = [helper.make_node("QuantizeLinear", ["a", "s", "z"], ["c"]),
             helper.make_node("Split", ["c", "two"], ["p", "q"], axis=axis)]
    if coded:
        nodes.append(helper.make_node(op, ["q", "s", "z", "t", "z"], ["r"],
                                      domain="com.microsoft"))
    else:
        nodes += [helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
                  helper.make_node(op, ["d"], ["e"]),
                  helper.make_node("QuantizeLinear", ["e", "t", "z"], ["r"])]
    nodes += [helper.make_node("DequantizeLinear", ["p", "s", "z"], ["u"]),
              helper.make_node("DequantizeLinear", ["r", "t", "z"], ["v"]),
              helper.make_node("Mul", ["u", "v"], ["y"])]
    model, x = made(nodes, known, shape=(1, *shape)), grid(shape, 8)
    assert np.allclose(ours(model, x, tmp_path), runtime(model, x), rtol=1e-5, atol=1e-6)

"""Whole graphs by hand, and what is said of each node."""

import numpy as np
import pytest
from onnx import helper

import qhw
from qhw.errors import ModelError
from qhw.loaders import load
from qhw.loaders.onnx.graph import inspect_onnx
from qhw.lower import lower
from qhw.simulators.golden import golden, host
from tests.loaders.onnx.small import conv, quant, saved, small


def test_by_hand(tmp_path):
    """x = (1, .26, -9, 9) is (2, 1, -8, 7) halves; ties go to even; weights are halves too."""
    found = qhw.simulate(saved(tmp_path, small()), np.array([[1., .26, -9, 9]]), trace=True)
    assert found.trace["y"].tolist() == [[2 * 1 + 1 * 2 + 0 + 7 * 6, -2 * 2 + 4 + 8 + 7 * 1]]
    assert found.y.tolist() == [[(2 + 2 + 42) / 4, (-4 + 4 + 8 + 7) / 4]]


def test_inspect_tells_all_at_once(tmp_path):
    nodes = [quant("qx", "x", "a"), helper.make_node("Einsum", ["a"], ["m"], name="odd"),
             helper.make_node("Relu", ["m"], ["n"], name="after"),
             helper.make_node("MatMul", ["a", "w"], ["y"], name="mm")]
    model = small(nodes, constants={"w": np.full((4, 2), .3, np.float32)})
    found = {f.node.name: f for f in inspect_onnx(saved(tmp_path, model))}
    assert found["odd"].reason == "operator Einsum is not supported"
    assert found["after"].help == "needs odd" and not found["after"].reason
    assert found["mm"].reason == "its weights are not quantized" and "Quant" in found["mm"].help
    assert found["qx"].became == "quantize" and found["qx"].format == "-8..7, scale 0.5"
    with pytest.raises(ModelError, match=r"node 'odd' \(Einsum\): .* \(1 more: qhw inspect"):
        load(saved(tmp_path, model))


def test_outputs_in_the_order_of_the_file(tmp_path):
    """An image comes out channels first, as it went in."""
    model = conv(w=(3, 1, 1, 1), shape=(1, 1, 2, 3))
    x = np.arange(6.).reshape(1, 1, 2, 3) / 2
    lowered = lower(load(saved(tmp_path, model)))
    y = host(lowered, golden(lowered, x)[lowered.hardware.output.name])
    assert y.tolist() == (np.ones((1, 3, 1, 1)) * x).tolist()


def test_a_node_without_output(tmp_path):
    model = small()
    model.graph.node.insert(0, helper.make_node("Neg", ["w"], [], name="odd"))
    with pytest.raises(ModelError, match=r"node 'odd' \(Neg\): it has no output"):
        load(saved(tmp_path, model))


def test_constants_without_elements(tmp_path):
    """They are none of the network's, and said so without a traceback."""
    nodes = [quant("qx", "x", "a"), quant("qw", "w", "wq"), quant("qe", "empty", "e"),
             helper.make_node("MatMul", ["a", "wq"], ["y"], name="mm")]
    path = saved(tmp_path, small(nodes, constants={"empty": np.zeros((0, 2), np.float32)}))
    assert {f.node.name: f.became for f in inspect_onnx(path)}["qe"] == "a constant"


def test_scales_beyond_floating_point(tmp_path):
    nodes = [quant("qx", "x", "a"), quant("qw", "w", "wq"),
             helper.make_node("MatMul", ["a", "wq"], ["t0"], name="mm"),
             *(helper.make_node("Mul", [f"t{k}", "huge"], [f"t{k + 1}" if k < 9 else "y"])
               for k in range(10))]
    path = saved(tmp_path, small(nodes, constants={"huge": np.float32(1e38)}))
    with pytest.raises(ModelError, match="beyond floating point"):
        qhw.simulate(path, np.ones((1, 4)))
